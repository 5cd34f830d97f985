"""The index of a catalog: built, saved, opened, updated, searched."""
