from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.errors import InputError
from admatch.tables.header_table import HeaderTable, normalise
from admatch.tables.raw import RawTable

TABLE = HeaderTable(
    {
        "term": ["Customer Search Term", "Suchbegriff"],
        "sales": ["{n} Day Total Sales", "Verkäufe", "Vendite totali (€) {n} giorni"],
        "orders": ["{n} Day Total Orders (#)", "Käufe"],
        "acos": ["Total Advertising Cost of Sales (ACOS)"],
        "campaign": ["Campaign Name", "Campaign Name (Informational only)"],
    },
    required=["term"],
)


def test_exact_after_stripping():
    found = TABLE.recognise(["Customer Search Term", "7 Day Total Sales ", "Verdict"])
    assert found.columns == {"term": 0, "sales": 1}
    assert found.normalised == {}
    assert found.days == {"sales": 7}
    assert found.unknown == ("Verdict",)
    assert found.missing == ()


@pytest.mark.parametrize(
    "header",
    [
        "TOTAL ADVERTISING COST OF SALES (ACoS) ",
        "Total\u00a0Advertising  Cost of Sales (ACoS)",
        "Ｔｏｔａｌ Advertising Cost of Sales （ＡＣＯＳ）",
    ],
)
def test_variants_are_matched_and_reported(header):
    found = TABLE.recognise([header])
    assert found.columns == {"acos": 0}
    assert found.normalised == {"acos": header}
    assert found.missing == ("term",)


@pytest.mark.parametrize("unit", [" (€)", " ($)", " (INR)", "(US$)", " (￥)"])
def test_currency_suffixes_do_not_matter(unit):
    found = TABLE.recognise([f"14 Day Total Sales{unit}", "Vendite totali ($) 14 giorni"])
    assert found.columns == {"sales": 0}
    assert found.days == {"sales": 14}
    assert found.spare == ("Vendite totali ($) 14 giorni",)


def test_words_inside_words_are_not_taken():
    assert TABLE.recognise(["Verkäufe", "Käufe"]).columns == {"sales": 0, "orders": 1}
    assert TABLE.recognise(["Käufe", "Verkäufe"]).columns == {"sales": 1, "orders": 0}
    assert TABLE.recognise(["Verkäufe gesamt"]).unknown == ("Verkäufe gesamt",)


def test_earlier_spelling_wins_and_the_other_is_spare():
    found = TABLE.recognise(["Campaign Name (Informational only)", "Campaign Name"])
    assert found.columns == {"campaign": 1}
    assert found.spare == ("Campaign Name (Informational only)",)


def test_of_several_windows_one_is_taken_for_all_columns():
    windows = ["1 Day Total Sales", "14 Day Total Sales", "7 Day Total Sales", "7 Day Total Orders"]
    found = TABLE.recognise(windows)
    assert found.columns == {"sales": 2, "orders": 3}
    assert found.days == {"sales": 7, "orders": 7}
    assert found.spare == ("14 Day Total Sales", "1 Day Total Sales")


def test_overrides():
    found = TABLE.recognise(["what they typed", "Suchbegriff"], {"term": "What They Typed"})
    assert found.columns == {"term": 0}
    with pytest.raises(InputError, match="no header 'nope'"):
        TABLE.recognise(["a"], {"term": "nope"})
    with pytest.raises(InputError, match="no column is called 'nope'"):
        TABLE.recognise(["a"], {"nope": "a"})


def test_header_line_is_located_below_a_preamble():
    lines = [["Report", None], ["May 1", None], ["Käufe", "Suchbegriff"], ["1", "lamp"]]
    raw = RawTable.from_lines(Path("a.csv"), pl.DataFrame(lines, orient="row"))
    located, found = TABLE.locate(raw)
    assert located.header_at == 2
    assert found.columns == {"orders": 0, "term": 1}
    assert TABLE.locate(raw, {"term": "May 1"})[1].columns["term"] == 0


def test_files_are_loaded_and_extended(tmp_path):
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text('required = ["term"]\n[columns]\nterm = ["Suchbegriff"]\n', "utf-8")
    second.write_text('[columns]\nterm = ["Zoekterm"]\n', "utf-8")
    assert HeaderTable.load(first, second).recognise(["Zoekterm"]).columns == {"term": 0}
    second.write_text("columns", "utf-8")
    with pytest.raises(InputError, match=r"b\.toml"):
        HeaderTable.load(first, second)
    with pytest.raises(InputError, match="gives 'a' to 'one' and to 'two'"):
        HeaderTable({"one": ["a"], "two": ["a"]})


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing_more(header):
    once = normalise(header)
    assert normalise(once) in (once, normalise(normalise(once)))
    TABLE.recognise([header])


def test_an_endless_header_makes_no_endless_sentence():
    header = [f"column {number} " + "x" * 500 for number in range(4_000)]
    with pytest.raises(InputError) as caught:
        TABLE.recognise(header, {"term": "\x1b[2J" + "y" * 5_000})
    assert len(str(caught.value)) < 2_500
    assert "\x1b" not in str(caught.value)
