"""Total rows: whatever they are called and wherever they stand, they are seen by what they are."""

import random

import pytest

from admatch.reports.aggregate import aggregate_report
from admatch.reports.reader import read_report
from tests.cases.files import FIGURES, HEADER, only, row, sentences, sums, total, with_cells

LABELS = [
    "Total", "Total general", "Total geral", "SP | Lamps Total", "Subtotal", "Grand Total:",
    "Overall total - 3 search terms", "TOTAL SPEND", "Total May", "Razem", "Suma końcowa", "Toplam",
    "Genel Toplam", "Итого", "Всего по кампании", "Zwischensumme", "Gesamtergebnis", "Totaal",
    "Totalt", "I alt", "Yhteensä", "Celkem", "Összesen", "Σύνολο", "الإجمالي", "المجموع الكلي",
    "סה\"כ", "合計", "总计", "小計", "합계", "รวมทั้งหมด", "Tổng cộng", "कुल योग",
]  # fmt: skip
WORDLESS = ["Jumla", "Everything", "May 2025", "=", "Σ", "…", "3 rows"]
TEXTS = ("Campaign Name", "Ad Group Name", "Customer Search Term", "Start Date", "Targeting")


def terms(count, campaign="Desk lamps", seed=7):
    """Return rows of one campaign with figures that differ."""
    chance = random.Random(f"{campaign}{seed}")
    lines = []
    for at in range(count):
        clicks = chance.randint(1, 40)
        lines.append(
            row(
                f"lamp {campaign.lower()} {at}",
                Campaign_Name=campaign,
                Impressions=str(clicks * chance.randint(5, 30)),
                Clicks=str(clicks),
                Spend=f"{clicks * chance.uniform(0.2, 0.9):.2f}",
                **{"7_Day_Total_Sales_": f"{clicks * 1.7:.2f}", "7_Day_Total_Orders_(#)": "1"},
            )
        )
    return lines


def assert_same(report, lines):
    """Check that the report holds these rows and no other."""
    assert report.frame["search_term"].to_list() == [one[8] for one in lines]
    assert report.frame["spend"].sum() == pytest.approx(float(sums(*lines)["Spend"]))
    assert report.frame["clicks"].sum() == int(sums(*lines)["Clicks"])


@pytest.mark.parametrize("where", TEXTS)
@pytest.mark.parametrize("label", LABELS + WORDLESS)
def test_a_total_by_any_name_in_any_column(write, label, where):
    lines = terms(3)
    report = read_report(write("a.csv", HEADER, *lines, total(label, lines, where)))
    assert_same(report, lines)
    assert report.skipped == 1
    assert "row 5: this is a total, the sum of 3 other rows" in sentences(report)
    assert f"(found '{label}')" in sentences(report)


@pytest.mark.parametrize("read", [read_report, aggregate_report])
def test_subtotals_and_a_total_of_all(write, read):
    first, second = terms(4, "Desk lamps"), terms(3, "Floor lamps")
    lines = [
        *first, total("Desk lamps", first, "Campaign Name"),
        *second, total("Floor lamps", second, "Campaign Name"),
        total("Everything", first + second, "Campaign Name"),
    ]  # fmt: skip
    report = read(write("a.csv", HEADER, *lines))
    assert_same(report, first + second)
    assert "the sum of 7 other rows" in sentences(report)
    assert "sum to" not in sentences(report)


@pytest.mark.parametrize("read", [read_report, aggregate_report])
def test_totals_above_their_rows(write, read):
    first, second = terms(4, "Desk lamps"), terms(3, "Floor lamps")
    lines = [
        total("Jumla", first + second),
        total("Desk lamps", first, "Campaign Name"), *first,
        total("Floor lamps", second, "Campaign Name"), *second,
    ]  # fmt: skip
    assert_same(read(write("a.csv", HEADER, *lines)), first + second)


def test_a_total_below_that_is_only_of_some_figures(write):
    lines = terms(5)
    figures = sums(*lines)
    last = only(Campaign_Name="Alle", Clicks=figures["Clicks"], Spend=figures["Spend"])
    assert_same(read_report(write("a.csv", HEADER, *lines, last)), lines)


def test_a_total_that_fills_the_period_and_the_currency(write):
    lines = terms(5)
    last = with_cells(total("Jumla", lines), Currency="USD", Start_Date="2025-05-01")
    assert_same(read_report(write("a.csv", HEADER, *lines, last)), lines)


def test_a_total_that_was_filled_down(write):
    lines = terms(5)
    last = with_cells(row("Total"), **{name: sums(*lines)[name] for name in FIGURES})
    assert_same(read_report(write("a.csv", HEADER, *lines, last)), lines)


def filled_down(last, group, **changes):
    """Return a total in whose blank cells the row above was filled down."""
    return with_cells(last, **{name: sums(*group)[name] for name in FIGURES} | changes)


@pytest.mark.parametrize("read", [read_report, aggregate_report])
@pytest.mark.parametrize("blank_term", [False, True])
@pytest.mark.parametrize("label", ["{} Total", "Summe von {}", "{}", "Subtotal"])
def test_subtotals_whose_blank_cells_were_filled_down(write, read, label, blank_term):
    lines, data = [], []
    for name in ("Desk lamps", "Floor lamps", "Shades"):
        group = terms(4, name)
        changed = {"Campaign_Name": label.format(name)}
        if label == "Subtotal":
            changed = {"Customer_Search_Term": "Subtotal"}
        elif blank_term:
            changed["Customer_Search_Term"] = ""
        lines += [*group, filled_down(group[-1], group, **changed)]
        data += group
    grand = filled_down(lines[-1], data, Campaign_Name="Gesamtergebnis")
    report = read(write("a.csv", HEADER, *lines, grand))
    assert_same(report, data)
    assert "the sum of 4 other rows" in sentences(report)
    assert "the sum of 12 other rows" in sentences(report)


@pytest.mark.parametrize(("at", "column"), [(1, "Spend"), (3, "Spend"), (3, "Clicks")])
def test_a_filled_down_subtotal_of_rows_that_cannot_be_read(write, at, column):
    lines = terms(4, "Desk lamps")
    subtotal = filled_down(lines[-1], lines, Campaign_Name="Desk lamps Total")
    lines[at] = with_cells(lines[at], **{column: "#REF!"})
    report = read_report(write("a.csv", HEADER, *lines, subtotal, *terms(4, "Floor lamps")))
    assert_same(report, [*lines[:at], *lines[at + 1 :], *terms(4, "Floor lamps")])


def test_a_subtotal_called_like_its_campaign_of_rows_that_cannot_be_read(write):
    header = ["Campaign Name", "Ad Group Name", "Customer Search Term", "Clicks", "Spend"]
    at = [HEADER.index(name) for name in header]
    lines = [[one[n] for n in at] for one in terms(5, "Desk lamps")]
    clicks, spend = (sum(float(one[n]) for one in lines) for n in (3, 4))
    lines[2][4] = "#VALUE!"
    subtotal = ["Desk lamps", "", "", f"{clicks:.0f}", f"{spend:.2f}"]
    further = [[one[n] for n in at] for one in terms(5, "Floor lamps")]
    report = read_report(write("a.csv", header, *lines, subtotal, *further))
    assert len(report) == 9


def test_rows_of_one_name_that_are_no_sums_are_data(write):
    lines = [row("lamp", Clicks="4"), row("lamp", Clicks="5"), row("lamp", Clicks="6")]
    blank = [row("", Targeting=f"lamp {n}", Clicks=f"{20 + n}", Spend=f"{n}.10") for n in range(9)]
    assert len(read_report(write("a.csv", HEADER, *lines, *blank))) == 12


@pytest.mark.parametrize("read", [read_report, aggregate_report])
def test_rows_without_a_term_may_have_parts_of_conversions(write, read):
    lines = [row(f"lamp {n}", **{"7_Day_Total_Orders_(#)": f"{n}.25"}) for n in range(4)]
    lines += [row("", Targeting="t", Clicks="77", **{"7_Day_Total_Orders_(#)": "2.50"})]
    report = read(write("a.csv", HEADER, *lines))
    assert len(report) == 5
    assert abs(report.frame["orders"].sum() - 9.5) <= 1


def test_a_total_of_formulas_that_were_never_computed(write):
    lines = terms(3)
    last = ["=SUM(K2:K4)" if name in FIGURES else "" for name in HEADER]
    report = read_report(write("a.csv", HEADER, *lines, with_cells(last, Campaign_Name="Sum")))
    assert_same(report, lines)


def test_a_total_that_does_not_fit_is_left_out_and_reported(write):
    lines = terms(4)
    report = read_report(write("a.csv", HEADER, *lines[:3], total("Razem", lines)))
    assert_same(report, lines[:3])
    assert "column 'Spend': the total row says" in sentences(report)


def test_an_average_below_is_no_term_either(write):
    lines = terms(4)
    average = only(Campaign_Name="", Customer_Search_Term="Average", Clicks="3", Spend="1.10")
    report = read_report(write("a.csv", HEADER, *lines, average))
    assert_same(report, lines)
    assert "row 6: the row names next to nothing that the other rows name" in sentences(report)


@pytest.mark.parametrize("label", ["Total", "Jumla"])
@pytest.mark.parametrize("above", [False, True])
def test_a_total_in_a_table_of_terms_alone(write, label, above):
    header = ["Customer Search Term", "Impressions", "Clicks", "Spend"]
    lines = [[one[8], *one[9:12]] for one in terms(6)]
    figures = sums(*terms(6))
    last = [label, figures["Impressions"], figures["Clicks"], figures["Spend"]]
    report = read_report(write("a.csv", header, *([last, *lines] if above else [*lines, last])))
    assert report.frame["clicks"].sum() == int(figures["Clicks"])
    assert len(report) == 6


def test_terms_that_are_words_for_totals_stay(write):
    lines = [row("total gym"), row("total"), row("suma", Campaign_Name="Total Care"), row("sum 41")]
    lines.append(row("", Campaign_Name="Total Care", Targeting="total"))
    report = read_report(write("a.csv", HEADER, *lines))
    assert len(report) == 5


def test_rows_without_a_term_or_an_ad_group_are_data_if_they_say_what_they_are_about(write):
    lines = [*terms(6), row("", Spend="1.25"), row("brand video", Ad_Group_Name="", Clicks="3")]
    assert len(read_report(write("a.csv", HEADER, *lines))) == 8


def test_a_file_whose_campaigns_are_named_once_keeps_its_rows(write):
    header = ["Campaign Name", "Customer Search Term", "Clicks", "Spend"]
    first, second = terms(5, "Desk lamps"), terms(5, "Floor lamps")
    lines = []
    for group in (first, second):
        for at, one in enumerate(group):
            lines.append([one[3] if at == 0 else "", one[8], one[10], one[11]])
    report = read_report(write("a.csv", header, *lines))
    assert report.frame["clicks"].sum() == int(sums(*first, *second)["Clicks"])


@pytest.mark.parametrize("seed", range(40))
def test_tables_of_groups_with_totals_of_any_kind(write, seed):
    chance = random.Random(seed)
    groups = [
        terms(chance.randint(2, 6), f"Campaign {n}", seed) for n in range(chance.randint(1, 5))
    ]
    label = chance.choice(LABELS + WORDLESS)
    where = chance.choice(TEXTS)
    above = chance.random() < 0.5
    lines, data = [], []
    for group in groups:
        own = [total(chance.choice([group[0][3], label]), group, where)] if seed % 3 else []
        lines += [*own, *group] if above else [*group, *own]
        data += group
    if seed % 3 != 1:
        lines = (
            [total(label, data, where), *lines] if above else [*lines, total(label, data, where)]
        )
    path = write("a.csv", HEADER, *lines)
    for read in (read_report, aggregate_report):
        assert_same(read(path), data)


def test_a_total_for_each_currency_below(write):
    euros = [with_cells(one, Currency="EUR") for one in terms(3)]
    pounds = [with_cells(one, Currency="GBP") for one in terms(4, "Floor lamps")]
    lines = [*euros, *pounds, with_cells(total("Total", euros), Currency="EUR")]
    lines.append(with_cells(total("Total", pounds), Currency="GBP"))
    report = read_report(write("a.csv", HEADER, *lines))
    assert_same(report, [*euros, *pounds])
    assert "sum to" not in sentences(report)
