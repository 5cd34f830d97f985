"""What spreadsheets do to text: lines in quotes, apostrophes, rounded figures, merged cells."""

import pytest

from admatch.errors import InputError
from admatch.reports.reader import read_report
from tests.cases.files import HEADER, as_csv, row, sentences
from tests.cases.test_totals import terms


def wrapped(text, behind=""):
    return "".join(
        f'"{line.replace(chr(34), chr(34) * 2)}"{behind}\n' for line in text.splitlines()
    )


@pytest.mark.parametrize("behind", ["", ";;;", ",,"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_lines_that_were_taken_for_single_cells(tmp_path, behind, separator):
    path = tmp_path / "a.csv"
    lines = [*terms(3), row('10" lamp, white; new')]
    path.write_text(wrapped(as_csv(HEADER, *lines, separator=separator), behind), encoding="utf-8")
    report = read_report(path)
    assert report.frame["search_term"].to_list() == [one[8] for one in lines]


def test_a_quoted_title_is_no_line_in_quotes(write):
    title = ["Search terms, May, all campaigns; EUR"]
    assert len(read_report(write("a.csv", title, HEADER, row("lamp")))) == 1


def test_apostrophes_that_mark_text(write):
    cells = [one if at == 8 else f"'{one}" for at, one in enumerate(row("lamp"))]
    report = read_report(write("a.csv", HEADER, cells))
    assert report.frame["spend"].to_list() == [5.0]
    assert str(report.period[0]) == "2025-05-01"


@pytest.mark.parametrize("cell", ["1.2K", "3 Mio.", "1.5万", "12 тыс.", "2m", "1 lakh", "$1.2K"])
def test_rounded_figures_are_not_read(write, cell):
    report = read_report(write("a.csv", HEADER, row("lamp"), row("desk lamp", Spend=cell)))
    assert report.frame["spend"].to_list() == [5.0]
    assert f"(found '{cell}')" in sentences(report)


@pytest.mark.parametrize(
    "cell", ["5.00 kr", "5.00 zł", "5.00 TL", "5.00 Ft", "CHF 5.00", "5.00 лв"]
)
def test_signs_of_currencies_are_read(write, cell):
    report = read_report(write("a.csv", HEADER, row("lamp", Spend=cell)))
    assert report.frame["spend"].to_list() == [5.0]


def test_rows_without_a_campaign_are_named(write):
    lines = [row("lamp"), *(row(f"lamp {at}", Campaign_Name="") for at in range(3))]
    report = read_report(write("a.csv", HEADER, *lines))
    assert report.frame["spend"].sum() == 20.0
    assert "3 rows name no campaign" in sentences(report)


def test_a_column_of_rounded_figures_is_refused(write):
    with pytest.raises(InputError, match="none of its 2 rows can be read"):
        read_report(write("a.csv", HEADER, row("lamp", Spend="1K"), row("b", Spend="2K")))
