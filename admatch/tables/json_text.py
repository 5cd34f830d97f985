"""JSON as it comes from others: ``load_json``."""

import json
import re
from typing import Any

_DIGITS = 4_000  # Python converts up to 4,300, as more take long
_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # of a letter beyond 65,535


def load_json(text: str) -> Any:  # noqa: ANN401
    """Return what ``text`` holds; raises JSONDecodeError, or RecursionError where it is too deep.

    Whole numbers of thousands of digits stay texts. Halves of letters, which JSON can write and no
    file can hold, become question marks.
    """
    held = json.loads(text, parse_int=_whole)
    if _HALF.search(text) is None:
        return held
    whole = json.dumps(held, ensure_ascii=False).encode("utf-8", "replace")
    return json.loads(whole, parse_int=_whole)


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) < _DIGITS else digits
