"""How good listings are: words against pictures, stuffing, style, likeness, terms' wishes."""
