"""Training of every model: orders of the samples, epochs, histories, weights."""
