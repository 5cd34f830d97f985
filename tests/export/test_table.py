import csv

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.export.table import matches_frame, spreadsheet_safe, write_csv, write_parquet

from .conftest import HOSTILE, make_matches, report_row


def escape(text):
    return spreadsheet_safe(pl.DataFrame({"cell": [text]}))["cell"][0]


def test_one_row_per_report_row_in_order(matches):
    rows = matches_frame(matches)

    assert rows["row"].to_list() == [2, 3, 4, 5, 6, 7, 8]
    assert rows["outcome"].to_list()[:4] == ["match", "none", "match", "not_applicable"]
    assert [product["product_id"] for product in rows["retrieved"][0]] == ["B0LAMP"]
    assert rows["retrieved"][1].to_list() == []  # its nearest product is no product it retrieves
    assert rows["retrieved"][3].to_list() == []


def test_parquet_keeps_types_and_texts(matches, tmp_path):
    write_parquet(matches, tmp_path / "matches.parquet")
    rows = pl.read_parquet(tmp_path / "matches.parquet")

    assert rows.height == 7
    assert rows["campaign"][0] == "=Lamps"
    assert rows["retrieved"].dtype.inner.to_schema()["probability"] == pl.Float64
    assert rows["retrieved"][0].to_list()[0]["product_id"] == "B0LAMP"


def test_csv_holds_the_same_rows_with_formulas_escaped(matches, tmp_path):
    write_csv(matches, tmp_path / "matches.csv")
    with (tmp_path / "matches.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == 7
    assert rows[0]["campaign"] == "'=Lamps"
    assert rows[0]["retrieved"] == "B0LAMP 0.9"
    assert rows[1]["search_term"] == HOSTILE
    assert rows[3]["retrieved"] == ""


def test_a_failed_write_leaves_the_old_file(matches, tmp_path, monkeypatch):
    path = tmp_path / "matches.csv"
    path.write_text("old")
    monkeypatch.setattr("admatch.export.table.flat", lambda rows: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        write_csv(matches, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_report_gives_headers(tmp_path):
    write_csv(make_matches([], [], []), tmp_path / "a.csv")
    write_parquet(make_matches([], [], []), tmp_path / "a.parquet")

    assert pl.read_csv(tmp_path / "a.csv").columns[-1] == "retrieved"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+beach +towel", "- wall mount", "@home", "\tx", "\rx", " =1", "＝1",
     "-2+3+cmd|' /C calc'!A0", "+49 30 1234x"],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_escaped(text):
    assert escape(text) == "'" + text


@pytest.mark.parametrize(("text", "safe"), [("-\n=1", "'-\n'=1"), ("\n=1", "'\n'=1")])
def test_what_runs_on_a_line_of_its_own_is_escaped_too(text, safe):
    assert escape(text) == safe


@pytest.mark.parametrize(
    "text",
    ["-12.5", "+3", "-1.234,50", "- 5 %", "-", "*", "a=b", "asin=\"B0ABCDEFGH\"", "'quoted'", "",
     "ätherische öle", " lamp", "1-2 tier shelf", None],
)  # fmt: skip
def test_other_texts_stay(text):
    assert escape(text) == text


def test_negative_numbers_in_numeric_columns_stay(tmp_path):
    matches = make_matches([report_row(2, "*", "star", "EUR", spend=-1.5)], [], [])
    write_csv(matches, tmp_path / "a.csv")

    assert pl.read_csv(tmp_path / "a.csv")["spend"].to_list() == [-1.5]


@given(st.text(max_size=12))
def test_escaping_loses_nothing_and_leaves_no_formula(text):
    safe = escape(text)

    assert safe.replace("'", "") == text.replace("'", "")
    assert not safe.startswith(("=", "@", "\t", "\r"))
