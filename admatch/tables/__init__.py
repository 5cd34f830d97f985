"""Files → tables of raw text cells, with headers recognised and numbers and dates understood."""
