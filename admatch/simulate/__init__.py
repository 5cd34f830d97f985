"""A simulated advertising account whose every truth is known; it shares no code with the model."""
