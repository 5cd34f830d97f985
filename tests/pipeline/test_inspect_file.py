"""A file is parsed once, whatever it turns out to be."""

from pathlib import Path

import pytest

from admatch.pipeline.inspect_file import check_file
from admatch.tables import reader

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.mark.parametrize(
    ("name", "parser", "what"),
    [
        ("bulk.xlsx", "read_workbook", "account"),
        ("search_terms.csv", "read_delimited", "report"),
        ("catalog.csv", "read_delimited", "catalog"),
    ],
)
def test_a_file_is_parsed_once(name, parser, what, monkeypatch):
    parsed, parse = [], getattr(reader, parser)

    def counted(path, content):
        parsed.append(path)
        return parse(path, content)

    monkeypatch.setattr(reader, parser, counted)
    assert getattr(check_file(SAMPLE / name), what) is not None
    assert len(parsed) == 1
    # and anew the next time: the file may have changed
    check_file(SAMPLE / name)
    assert len(parsed) == 2
