"""The protocol written down as plainly as possible, with no thought of speed: what the product must agree
with."""
