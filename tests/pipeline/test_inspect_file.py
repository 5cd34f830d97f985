"""A file is parsed once, whatever it turns out to be."""

import re
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


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["sku;Bezeichner;Preis", "A;Tasse;9,99"], "lists products, but no column is known"),
        (["id,title,price", "1,,9.99"], "no row holds a product title"),
        (["name,colour"] + [f"Acme,hue {n}" for n in range(20)], "the same text in all 20 rows"),
        (["Campaign,Clicks,Foo", "A,1,2"], "no known report|columns are missing|no search terms"),
        (["a,b", "1,2"], "no known report"),
    ],
)
def test_a_refusal_fits_what_the_file_seems_to_be(tmp_path, lines, said):
    path = tmp_path / "any.csv"
    path.write_text("\n".join(lines))
    assert re.search(said, str(check_file(path).refusal))
