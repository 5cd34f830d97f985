"""Whether a listing says a word in another form: ``said``."""

import re
from functools import lru_cache

from admatch.match.heads import PART, REST
from admatch.match.tokens import words

_INCHES = frozenset(
    ("zoll", "inch", "inche", "pollice", "pouce", "pulgada", "cal")
)  # as 1/4" is read
_INCH = re.compile(r"""\d\s*(?:"|″|”|“|'')""")
_MEASURE = re.compile(r"(\d+)([a-zµ]+)")


def said(word: str, text: str, *, compounds: bool) -> bool:
    """Return whether a text has a word as a sign, as number and unit, or as a part of a compound.

    A title with 1/4" says "zoll", and "13 mm" is "13mm". Where words are joined to ``compounds``,
    "Ersatzschlauch" says "schlauch"; English headphones are no phone.
    """
    known, inches = _parts(text)
    if word in _INCHES and inches:
        return True
    if (measure := _MEASURE.fullmatch(word)) is not None:
        return set(measure.groups()) <= known
    return (
        compounds
        and len(word) >= PART - 1
        and any(
            len(one) >= len(word) + REST and (one.startswith(word) or one.endswith(word))
            for one in known
        )
    )


@lru_cache(maxsize=2**12)
def _parts(text: str) -> tuple[frozenset[str], bool]:
    return frozenset(words(text)), _INCH.search(text) is not None
