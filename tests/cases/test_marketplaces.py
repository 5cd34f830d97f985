"""One export for each marketplace: campaigns are copied from one to the next, names and all."""

import polars as pl
import pytest

from admatch.errors import InputError
from admatch.reports.aggregate import aggregate_report
from admatch.reports.reader import read_report
from tests.cases.files import HEADER, row, sentences

TERMS = {"Germany": ("lampe", "stehlampe"), "France": ("lampe", "lampadaire")}


def rows_of(country, name=None, **changes):
    return [
        row(term, Country=name or country, Currency="EUR", **changes) for term in TERMS[country]
    ]


def spend_by_campaign(report):
    sums = report.frame.group_by("campaign").agg(pl.col("spend").sum())
    return dict(sums.sort("campaign").rows())


def test_two_files_of_two_marketplaces_count_both(write):
    paths = [write(f"{name}.csv", HEADER, *rows_of(name)) for name in TERMS]
    report = read_report(paths)
    assert spend_by_campaign(report) == {"Desk lamps [DE]": 10.0, "Desk lamps [FR]": 10.0}
    assert report.frame["marketplace"].to_list() == ["DE", "DE", "FR", "FR"]
    assert report.repeated.height == 0
    assert "1 campaign has the same name in several marketplaces (DE, FR)" in sentences(report)


def test_one_file_of_two_marketplaces_keeps_them_apart(write):
    path = write("a.csv", HEADER, *rows_of("Germany"), *rows_of("France"))
    for read in (read_report, aggregate_report):
        assert spend_by_campaign(read(path)) == {"Desk lamps [DE]": 10.0, "Desk lamps [FR]": 10.0}


def test_a_campaign_of_one_marketplace_keeps_its_name(write):
    other = rows_of("France", Campaign_Name="Lampes")
    report = read_report(write("a.csv", HEADER, *rows_of("Germany"), *other))
    assert set(report.frame["campaign"]) == {"Desk lamps", "Lampes"}


@pytest.mark.parametrize("name", ["DE", "Deutschland", "Alemania", "amazon.de", "ドイツ"])
def test_a_country_by_any_name(write, name):
    paths = [
        write("a.csv", HEADER, *rows_of("Germany")),
        write("b.csv", HEADER, *rows_of("Germany", name)),
    ]
    report = read_report(paths)
    assert report.totals["spend"].to_list() == [10.0]
    assert report.repeated.height == 2
    assert "b.csv: 2 rows were left out so that nothing is counted twice" in sentences(report)


def test_a_file_without_countries_may_be_of_any(write):
    same = [[cell if name != "Country" else "" for name, cell in zip(HEADER, line, strict=True)]
            for line in rows_of("Germany")]  # fmt: skip
    paths = [write("a.csv", HEADER, *rows_of("Germany")), write("b.csv", HEADER, *same)]
    assert read_report(paths).totals["spend"].to_list() == [10.0]


def test_equal_campaigns_with_other_terms_are_refused_where_no_country_tells(write):
    german = [row(f"lampe {n}", Country="") for n in range(6)]
    french = [row(f"lampadaire {n}", Country="") for n in range(6)]
    paths = [write("de.csv", HEADER, *german), write("fr.csv", HEADER, *french)]
    with pytest.raises(InputError, match=r"de\.csv and fr\.csv have the same campaigns and days, "):
        read_report(paths)


def test_equal_campaigns_and_terms_with_other_clicks_are_refused_where_no_country_tells(write):
    german, french = [row("lamp", Country="")], [row("lamp", Country="", Clicks="15")]
    paths = [write("de.csv", HEADER, *german), write("fr.csv", HEADER, *french)]
    with pytest.raises(InputError, match="give different figures for the same days"):
        read_report(paths)


def test_a_later_download_of_the_same_days_corrects_a_few_clicks(write):
    first, second = [row("lamp")], [row("lamp", Clicks="9", Spend="4.50")]
    paths = [write("a.csv", HEADER, *first), write("b.csv", HEADER, *second)]
    assert len(read_report(paths)) == 1
