"""Shipped weights: a versioned folder a model, each with its model card."""
