"""The web page and its API: a server without models, and worker processes that have them."""
