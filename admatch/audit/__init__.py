"""The listing audit: what is right and wrong with a catalog's titles, texts and pictures."""
