"""Query vectors → IDs: the decoder and the search that it constrains."""
