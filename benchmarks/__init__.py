"""Measurements of speed, memory and rounding; no stage depends on them."""
