"""Sizes, counts, colours, materials, wearers, models: where a term and a title contradict."""
