"""Vectors → semantic IDs: codebooks, and the trie of a catalog."""
