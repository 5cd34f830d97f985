"""What a change of keywords does: the changes themselves, and what they are worth."""
