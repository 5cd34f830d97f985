"""IDs → own products: re-ranked, with a calibrated probability, or none of mine."""
