import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.export.formulas import escaped, runs

LIVE = ["=1+1", "@sum", "+cmd", "-cmd", " =x", "\tx", "\nx", "＝x", "-1+1", "+1 2"]
HARMLESS = ["lamp", "-12.5", "+3 %", "-", "a=b", "", "1-2"]


@pytest.mark.parametrize("text", LIVE)
def test_what_a_spreadsheet_would_run(text):
    assert runs(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_it_shows(text):
    assert not runs(text)


@given(st.text("=+-@ \t\n1a.%＝", max_size=6) | st.text(max_size=6))
def test_one_text_and_a_column_are_judged_alike(text):
    cell = pl.DataFrame({"a": [text]}).select(escaped(pl.col("a"))).item()
    assert cell == (f"'{text}" if runs(text) else text)
