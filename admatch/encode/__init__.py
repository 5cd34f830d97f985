"""Texts and images → unit vectors, behind the one protocol `Encoder`."""
