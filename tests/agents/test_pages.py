"""Answers fit their budget, and no row is lost between pages."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.agents.cells import CellText, cell
from admatch.agents.pages import Answer, Page, Table, fitted, sentences, tokens_of
from admatch.errors import InputError


class Listed(Answer):
    page: Page[CellText]


def table(texts):
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return Table(frame, lambda row: cell(row["text"]))


@settings(max_examples=40)
@given(
    st.lists(st.text(max_size=250), max_size=40),
    st.integers(min_value=1, max_value=50),
    st.integers(min_value=400, max_value=3000),
)
def test_pages_cover_the_table_once_each_within_the_budget(texts, rows, tokens):
    own, offset, seen = table(texts), 0, []
    while offset is not None:
        answer = fitted(Listed(page=own.page(offset, rows)), tokens)
        page = answer.page
        assert len(page.rows) <= rows
        assert page.total_rows == len(texts)
        assert tokens_of(answer) <= tokens
        seen += page.rows
        offset = page.next_offset
    assert seen == [cell(text) for text in texts]


def test_a_page_after_the_end_is_refused():
    assert table([]).page().rows == []
    with pytest.raises(InputError, match="the table has 2 rows"):
        table(["a", "b"]).page(2)


def test_sentences_are_counted_and_the_first_are_shown():
    shown = sentences([f"sentence {number}" for number in range(40)])
    assert shown.total == 40
    assert len(shown.first) == 8


def test_an_answer_without_a_page_stays_as_it_is():
    answer = Answer(result="a")
    assert fitted(answer, 10) is answer


def test_what_is_too_large_is_refused_rather_than_cut():
    for answer in (Answer(result="x" * 100), Listed(page=table(["y" * 150]).page())):
        with pytest.raises(InputError, match="may take 20; ask about fewer files"):
            fitted(answer, 20)
