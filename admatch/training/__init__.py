"""Catalogs and judged pairs → a universal model: codebooks, decoder, calibration, model card."""
