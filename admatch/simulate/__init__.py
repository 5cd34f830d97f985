"""A simulated advertising account with a known truth; it shares no code with the impact model."""
