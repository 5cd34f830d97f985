"""Text without what no reader sees: ``readable``."""

import re

# Control characters, which a terminal obeys; marks that turn the order of letters round; halves of
# letters, which no file can hold. Tabs and line ends are left.
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def readable(text: str) -> str:
    """Return the text with a mark in place of every character that no reader sees."""
    if text.isprintable():  # nearly every text, in a tenth of the time
        return text
    return _UNREADABLE.sub("\ufffd", text)
