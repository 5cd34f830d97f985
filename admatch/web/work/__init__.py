"""What worker processes do, and how the server gives them tasks."""
