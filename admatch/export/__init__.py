"""Matches → what leaves admatch: CSV, Parquet, and a page for people."""
