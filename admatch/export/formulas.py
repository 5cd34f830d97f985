"""Which text a spreadsheet would run as a formula instead of showing it."""

import re

import polars as pl

# Also behind blanks and full-width (OWASP, "CSV Injection"). A plain number such as -12.5 is
# harmless, and so is a single sign.
_RUNS = r"(?s)^\s*[=@＝＠]|^[\t\r\n]|^\s*[+\-＋－].*\S"
_NUMBER = r"^\s*[+-]\s*[0-9][0-9.,]*\s*%?\s*$"


def runs(text: str) -> bool:
    """Return whether a spreadsheet that opens ``text`` from a CSV file would run it."""
    return bool(re.search(_RUNS, text)) and not re.search(_NUMBER, text)


def escaped(text: pl.Expr) -> pl.Expr:
    """Return the text with an apostrophe before each cell that a spreadsheet would run."""
    live = text.str.contains(_RUNS) & ~text.str.contains(_NUMBER)
    return pl.when(live).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)
