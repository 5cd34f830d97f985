"""Keyword text as advertising systems compare it."""

import re

# Not \s: Python counts the separators U+001C to U+001F as white space, and Amazon does not.
_BLANKS = re.compile(r"[ \t\n\v\f\r\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def folded(text: str) -> str:
    """Return the text as it is written: each run of white space one blank, none at the ends."""
    return _BLANKS.sub(" ", text).strip(" ")


def compared(text: str) -> str:
    """Return the text as Amazon compares it: without regard to case and white space."""
    return folded(text).lower()
