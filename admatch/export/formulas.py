"""Which text a spreadsheet would run as a formula instead of showing it."""

import re

import polars as pl

# Blanks are named alike for Python and polars, which disagree about \x1c … \x1f.
_BLANKS = r"[\s\x1c-\x1f]*"
# Also behind blanks and full-width (OWASP, "CSV Injection"). A plain number such as -12.5 is
# harmless, and so is a single sign.
_RUNS = rf"(?s)^{_BLANKS}[=@＝＠]|^[\t\r\n]|^{_BLANKS}[+\-＋－].*[^\s\x1c-\x1f]"
_NUMBER = rf"^{_BLANKS}[+-]{_BLANKS}[0-9][0-9.,]*{_BLANKS}%?{_BLANKS}$"
# Where semicolons or tabs separate cells, as in most of Europe, a spreadsheet begins new cells
# behind those in the text, and new rows behind its line ends.
_BEHIND = r"([;\t\r\n][\s\x1c-\x1f\"]*)([=@+\-＝＠＋－])"


def runs(text: str) -> bool:
    """Return whether a spreadsheet that opens ``text`` from a CSV file would run it."""
    begins = re.search(_RUNS, text) and not re.search(_NUMBER, text)
    return bool(begins or re.search(_BEHIND, text))


def escaped(text: pl.Expr) -> pl.Expr:
    """Return the text with an apostrophe before all that a spreadsheet would run."""
    live = text.str.contains(_RUNS) & ~text.str.contains(_NUMBER)
    inside = text.str.replace_all(_BEHIND, "${1}'${2}")
    return pl.when(live).then(pl.concat_str(pl.lit("'"), inside)).otherwise(inside)
