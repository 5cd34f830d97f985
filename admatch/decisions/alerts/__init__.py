"""What is unlike before in an account: ``find_alerts``."""
