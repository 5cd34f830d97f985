"""An account's lines and cells: skipped ones, IDs, words in any spelling."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import admatch as am
from admatch.reports.account.entities import find_entities
from admatch.reports.account.records import Entity, MatchType
from admatch.reports.account.values import translate
from admatch.reports.identifiers import clean_ids
from admatch.reports.rows import Columns
from tests.reports.account.account_files import bulk_lines, bulk_rows, sentences


def test_lines_without_an_entity_are_skipped_and_reported(write):
    rows = bulk_rows("en_US")
    lines = bulk_lines([rows[0], {"product": "Sponsored Products"}, *rows[1:]])
    lines.insert(4, lines[0])
    account = am.read_account(write("b.csv", lines), currency="USD")
    assert (len(account), account.skipped) == (4, 2)
    assert any("row 3" in one and "names no entity" in one for one in sentences(account))
    assert any("row 5" in one and "header is repeated" in one for one in sentences(account))


def test_cells_that_are_no_numbers_are_reported(write):
    rows = bulk_rows("en_US")
    rows[1]["bid"] = "a lot"
    account = am.read_account(write("b.csv", bulk_lines(rows)), currency="USD")
    assert (len(account), account.skipped) == (3, 1)
    assert any("'Bid'" in one and "a lot" in one for one in sentences(account))


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [('="171000000000001"', "171000000000001"), ("171000000000001.0", "171000000000001"),
     ("1.71E+14", None), ("1,71E+14", None), ("-", None), ("New lamps", "New lamps"),
     (" 171 ", "171")],
)  # fmt: skip
def test_ids_are_text(write, cell, wanted):
    names = ["campaign_id", "ad_group_id", "keyword_id", "target_id"]
    for name in names:
        row = {"entity": "Product Targeting" if name == "target_id" else "Keyword", name: cell}
        account = am.read_account(write("b.csv", bulk_lines([row])))
        column = "target_id" if name in ("keyword_id", "target_id") else name
        assert account.frame[column][0] == wanted
        damaged = [one for one in sentences(account) if "lost digits" in one]
        assert bool(damaged) == ("E+" in cell)


@given(st.text("0123456789", min_size=3, max_size=20).filter(lambda text: text.strip("0")))
def test_any_id_survives_being_wrapped(digits):
    cells = pl.Series([f'="{digits}"', digits, f" {digits} "])
    ids, problems = clean_ids(Path("f"), {"ad_id": cells}, pl.Series([1, 2, 3]))
    assert set(ids["ad_id"]) == {digits}
    assert not problems


def _spellings(word):
    """Return strategies' variants of a camel-case word: blanks, dashes, cases."""
    parts = "".join(f" {letter}" if letter.isupper() else letter for letter in word).split()
    joined = st.sampled_from([" ", "-", "_", "", " - "]).map(lambda by: by.join(parts))
    return joined.flatmap(lambda text: st.sampled_from([text, text.upper(), text.title()]))


@given(st.data())
def test_match_types_in_any_spelling(data):
    match_type = data.draw(st.sampled_from([*MatchType]))
    cell = data.draw(_spellings(match_type.value))
    assert translate(pl.Series([cell]), "match_type")[0] == match_type.value


@given(st.data())
def test_entities_in_any_case(data):
    entity = data.draw(st.sampled_from([*Entity]))
    change = data.draw(st.sampled_from([str.upper, str.lower, str.title, str.strip]))
    assert translate(pl.Series([change(entity.value)]), "entity")[0] == entity.value


@given(st.lists(st.text(min_size=1), min_size=1))
def test_any_words_give_as_many_rows(words):
    cells = pl.DataFrame({"entity": words, "match_type": words})
    columns = Columns(cells, {name: name for name in cells.columns}, pl.Series(range(len(words))))
    assert find_entities(columns, "bulk_campaigns").height == len(words)


@pytest.mark.parametrize(
    ("entity", "match", "wanted"),
    [
        ("Keyword", "negative exact", ("Negative Keyword", "negativeExact")),
        ("Negative Keyword", "Exact", ("Negative Keyword", "negativeExact")),
        ("Campaign Negative Keyword", "phrase", ("Campaign Negative Keyword", "negativePhrase")),
        ("Keyword", "NEGATIVE_PHRASE", ("Negative Keyword", "negativePhrase")),
        ("Keyword", "Fuzzy", ("Keyword", "Fuzzy")),
        ("Widget", "exact", ("Widget", "exact")),
    ],
)
def test_entity_and_match_type_settle_one_another(write, entity, match, wanted):
    row = {"entity": entity, "match": match, "keyword": "lamp"}
    account = am.read_account(write("b.csv", bulk_lines([row])))
    assert account.frame.select("entity", "match_type").row(0) == wanted


def test_unknown_words_are_reported_once_each_and_kept(write):
    rows = [{"entity": "Keyword", "state": word} for word in ("enabled", "odd", "odd", "strange")]
    account = am.read_account(write("b.csv", bulk_lines(rows)))
    assert account.frame["state"].to_list() == ["enabled", "odd", "odd", "strange"]
    states = [one for one in sentences(account) if "'State'" in one]
    assert len(states) == 2
    assert "2 rows have it" in states[0]
