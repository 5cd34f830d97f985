"""The index of a catalog: built, saved, loaded, updated and searched."""
