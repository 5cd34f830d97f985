"""Texts and images → unit vectors, behind one protocol: ``Encoder``."""
