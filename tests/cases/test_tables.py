"""Several tables in one file: below each other, beside each other, on sheets of a workbook."""

import pytest

from admatch.errors import InputError
from admatch.reports.aggregate import aggregate_report
from admatch.reports.reader import read_report
from tests.cases.files import HEADER, row, sentences, total, with_cells
from tests.cases.test_totals import terms

BY_TERM = ["Customer Search Term", "Clicks", "Spend", "7 Day Total Sales "]
BY_CAMPAIGN = ["Campaign Name", "Clicks", "Spend"]


def columns(lines, names):
    return [[one[HEADER.index(name)] for name in names] for one in lines]


def without(lines, *names):
    return columns(lines, [name for name in HEADER if name not in names])


def spend(report):
    return round(report.frame["spend"].sum(), 2)


def right(lines):
    return round(sum(float(one[11]) for one in lines), 2)


def pivot(lines, names=BY_TERM, label="Grand Total"):
    """Return a pivot table: a row for each name, and their total."""
    sums = {}
    for one in columns(lines, names):
        kept = sums.setdefault(one[0], [0.0] * (len(names) - 1))
        sums[one[0]] = [have + float(more) for have, more in zip(kept, one[1:], strict=True)]
    rows = [[name, *(f"{value:.2f}" for value in found)] for name, found in sums.items()]
    everything = [f"{sum(float(one[at]) for one in rows):.2f}" for at in range(1, len(names))]
    return [names, *rows, [label, *everything]]


@pytest.fixture
def lines():
    return [*terms(6, "Desk lamps"), *terms(5, "Floor lamps")]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("label", ["Grand Total", "Gesamtergebnis", "…"])
def test_a_pivot_on_another_sheet(write, lines, first, label):
    sheets = {"Data": [HEADER, *lines], "By term": pivot(lines, label=label)}
    if first:
        sheets = dict(reversed(sheets.items()))
    report = read_report(write("a.xlsx", **sheets))
    assert spend(report) == right(lines)
    said = sentences(report)
    assert "11 rows of a.xlsx [By term] were left out" in said
    assert "a.xlsx [Data] has the same figures, in more detail" in said
    assert "currency" not in said


def test_a_pivot_of_some_rows(write, lines):
    sheets = {"Data": [HEADER, *lines], "Top": pivot(lines[:4])}
    assert spend(read_report(write("a.xlsx", **sheets))) == right(lines)


def test_a_filtered_copy_without_dates(write, lines):
    copy = [without([HEADER], "Start Date", "End Date")[0]]
    copy += without(lines[2:5], "Start Date", "End Date")
    report = read_report(write("a.xlsx", Data=[HEADER, *lines], Waste=copy))
    assert spend(report) == right(lines)
    assert "3 rows of a.xlsx [Waste] were left out" in sentences(report)


def test_a_summary_that_adds_up_to_something_else_is_refused(write, lines):
    other = [with_cells(one, Spend=f"{float(one[11]) + 1:.2f}") for one in lines]
    with pytest.raises(InputError, match="names no campaign"):
        read_report(write("a.xlsx", Data=[HEADER, *lines], Summary=pivot(other)))


def test_a_summary_by_campaign_is_named(write, lines):
    sheets = {"Data": [HEADER, *lines], "By campaign": pivot(lines, BY_CAMPAIGN)}
    report = read_report(write("a.xlsx", **sheets))
    assert spend(report) == right(lines)
    assert "1 table without search terms was left out (By campaign)" in sentences(report)


def test_months_on_sheets_of_their_own_are_added_up(write, lines):
    june = [with_cells(one, Start_Date="2025-06-01", End_Date="2025-06-30") for one in lines]
    report = read_report(write("a.xlsx", May=[HEADER, *lines], June=[HEADER, *june]))
    assert spend(report) == round(2 * right(lines), 2)


@pytest.mark.parametrize("read", [read_report, aggregate_report])
@pytest.mark.parametrize("title", [[], [["June 2025"]], [[], ["Search term report"], ["June"]]])
def test_months_with_other_columns_below_each_other(write, lines, read, title):
    names = [*HEADER[8:], *HEADER[:5], "Targeting"]
    june = [with_cells(one, Start_Date="2025-06-01", End_Date="2025-06-30") for one in lines]
    path = write(
        "a.csv", HEADER, *lines, total("Total", lines), *title,
        names, *columns(june, names), [*total("Total", lines)[8:], "", ""],
    )  # fmt: skip
    report = read(path)
    assert spend(report) == round(2 * right(lines), 2)
    assert len(report) == 22
    assert str(report.period[1]) == "2025-06-30"


def test_a_pivot_below_the_data(write, lines):
    for names in (BY_TERM, BY_CAMPAIGN):
        path = write("a.csv", HEADER, *lines, [], ["Summary"], *pivot(lines, names))
        assert spend(read_report(path)) == right(lines)


@pytest.mark.parametrize("names", [BY_TERM, BY_CAMPAIGN])
@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("few", [True, False])
def test_a_pivot_beside_the_data(write, lines, names, left, few):
    beside = pivot(lines, names) if few else [*pivot(lines, names), *[[""] * len(names)] * 9]
    table = [HEADER, *lines, *[[""] * len(HEADER)] * 10]
    both = []
    for one, other in zip(table, [*beside, *[[""] * len(names)] * 30], strict=False):
        both.append([*other, "", *one] if left else [*one, "", *other])
    assert spend(read_report(write("a.csv", *both))) == right(lines)


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("at", [9, 11, 13])
def test_a_pivot_beside_data_with_a_blank_column_within(write, lines, left, at):
    table = [[*one[:at], "", *one[at:]] for one in (HEADER, *lines, [""] * len(HEADER))]
    beside = [BY_TERM, *reversed(pivot(lines)[1:])]
    both = []
    for one, other in zip(table, beside, strict=False):
        both.append([*other, "", *one] if left else [*one, "", *other])
    frame = read_report(write("a.csv", *both)).frame
    assert frame["search_term"].to_list() == [one[8] for one in lines]
    assert frame["spend"].to_list() == [float(one[11]) for one in lines]


def test_a_header_that_is_repeated_on_each_page(write, lines):
    report = read_report(write("a.csv", HEADER, *lines[:4], HEADER, *lines[4:]))
    assert spend(report) == right(lines)
    assert "the header is repeated here" in sentences(report)


def test_a_term_called_like_a_header_is_a_term(write):
    report = read_report(write("a.csv", HEADER, row("clicks"), row("Clicks"), row("spend")))
    assert len(report) == 3


@pytest.mark.parametrize("first", [True, False])
def test_a_copy_of_rows_of_two_months(write, lines, first):
    june = [with_cells(one, Start_Date="2025-06-01", End_Date="2025-06-30") for one in lines]
    sheets = {"May": [HEADER, *lines], "June": [HEADER, *june]}
    copy = {"Waste": [HEADER, *lines[:4], *june[3:6]]}
    report = read_report(write("a.xlsx", **(copy | sheets if first else sheets | copy)))
    assert spend(report) == round(2 * right(lines), 2)
    assert "7 rows of a.xlsx [Waste] were left out" in sentences(report)


@pytest.mark.parametrize("first", [True, False])
def test_a_copy_of_most_rows_in_a_file_of_its_own(write, lines, first):
    paths = [write("a.csv", HEADER, *lines), write("b.csv", HEADER, *lines[2:])]
    report = read_report(paths if first else paths[::-1])
    assert spend(report) == right(lines)
    assert len(report) == len(lines)
