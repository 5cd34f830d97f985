"""The web page and its API: a server that keeps no model, and workers that do the work."""
