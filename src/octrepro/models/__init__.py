"""The five models: their forward pass, and for those from scratch the compiled loops that train them."""
