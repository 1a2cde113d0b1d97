"""Evaluation of trained models: predictions, counts, and how much arithmetic the training took."""
