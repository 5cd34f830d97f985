"""Batches together are the table that the whole file is."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.tables import batches, delimited
from admatch.tables.reader import read_tables

START = "a,b\n" + "1,2\n" * 20


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setattr(batches, "BATCH", 16)
    monkeypatch.setattr(batches, "_LEAST_LINES", 4)
    monkeypatch.setattr(delimited, "_PIECE", 5)


def _together(path):
    tables = list(batches.read_batches(path))
    lines = pl.concat([table.lines for table in tables], how="diagonal")
    return lines, pl.concat([table.rows for table in tables]), tables


@given(st.text(st.sampled_from('a1,"\n '), max_size=60))
def test_any_text_is_the_same_in_batches(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes((START + text).encode())
    (whole,) = read_tables(path)
    try:
        lines, rows, tables = _together(path)
    except batches.WholeFileError:
        return
    assert len(tables) > 1
    assert rows.to_list() == whole.rows.to_list()
    widened = lines.with_columns(
        pl.lit(None, pl.String).alias(name)
        for name in whole.lines.columns
        if name not in lines.columns
    )
    assert widened.rows() == whole.lines.rows()
    assert [table.is_cut for table in tables] == [False] * (len(tables) - 1) + [whole.is_cut]


def test_cells_with_line_ends_are_not_parted(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(START + '"one\ntwo\nthree\nfour\nfive\nsix\nseven",x\n' + "3,4\n" * 20)
    lines, rows, tables = _together(path)
    assert lines.row(21) == ("one\ntwo\nthree\nfour\nfive\nsix\nseven", "x")
    assert rows.to_list() == list(range(1, 43))
    assert len(tables) > 2


def test_mark_and_blank_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + START.encode() + b"\n\n\n\n\n\n" + START.encode())
    lines, rows, _ = _together(path)
    assert lines.row(0) == ("a", "b")
    assert rows.to_list() == [*range(1, 22), *range(28, 49)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.json", b"[]"),
        ("a.xlsx", b"PK\x03\x04"),
        ("a.csv", b"<html></html>"),
        ("a.csv", (START + "ä,1\n").encode("cp1252")),
        ("a.csv", START.encode("utf-16")),
        ("a.csv", (START + '12" pan,1\n').encode()),
        ("a.csv", START.replace("\n", "\r").encode()),
        ("a.csv.gz", b"\x1f\x8b cut"),
        ("missing.csv", None),
    ],
)
def test_what_needs_the_whole_file_is_reported(tmp_path, name, content):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(batches.WholeFileError):
        list(batches.read_batches(path))
