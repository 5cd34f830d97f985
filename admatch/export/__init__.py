"""Matches and changes → files: tables, pages for people, and sheets for Amazon and Google."""
