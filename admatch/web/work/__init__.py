"""What worker processes do, and how the server sets them to it."""
