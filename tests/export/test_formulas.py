import re

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from admatch.export.formulas import escaped, runs

LIVE = [
    "=1+1",
    "@sum",
    "+cmd",
    "-cmd",
    " =x",
    "\tx",
    "\nx",
    "＝x",
    "-1+1",
    "+1 2",
    "foo;=1+1;bar",
    "a\n=1",
    "a\t@x",
]
HARMLESS = ["lamp", "-12.5", "+3 %", "-", "a=b", "", "1-2", "a; b", "a, =b"]


@pytest.mark.parametrize("text", LIVE)
def test_what_a_spreadsheet_would_run(text):
    assert runs(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_it_shows(text):
    assert not runs(text)


@example("\x1f@")
@given(st.text("=+-@ \t\n\x1c\x1f1a.%＝", max_size=6) | st.text(max_size=6))
def test_one_text_and_a_column_are_judged_alike(text):
    cell = pl.DataFrame({"a": [text]}).select(escaped(pl.col("a"))).item()
    assert (cell != text) == runs(text)
    assert not runs(cell.removeprefix("'")) or cell.startswith("'")
    assert re.sub("(^|[;\\s\"])'", r"\1", cell) == re.sub("(^|[;\\s\"])'", r"\1", text)


def test_cells_behind_other_separators_are_escaped_as_well():
    cells = pl.DataFrame({"a": ["foo;=1+1;bar", "=1;-x", 'a; "@x', "a; b"]})
    assert cells.select(escaped(pl.col("a")).alias("a"))["a"].to_list() == [
        "foo;'=1+1;bar", "'=1;'-x", "a; \"'@x", "a; b",
    ]  # fmt: skip
