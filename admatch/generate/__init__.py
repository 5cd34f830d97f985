"""Query vectors → IDs: the decoder, and the search over a catalog's trie."""
