"""What each search term is worth, and what a change of keywords does to an account."""
