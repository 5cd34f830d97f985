"""Generated IDs → own products, ranked and with a calibrated probability, or none at all."""
