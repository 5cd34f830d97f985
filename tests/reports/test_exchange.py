from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.errors import InputError
from admatch.reports.exchange import ExchangeRates, shown_in
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport


def test_the_shipped_table_is_of_the_first_day_of_2026():
    rates = ExchangeRates.load()
    assert rates.day == date(2026, 1, 1)
    assert rates.rate("USD", "CNY") == 7.0028
    assert rates.rate("EUR", "USD") == pytest.approx(8.2169 / 7.0028)
    assert set(rates.worth) == {
        "CNY", "USD", "EUR", "GBP", "JPY", "AED", "CAD", "MXN", "AUD", "SGD"
    }  # fmt: skip


def test_a_missing_rate_is_an_error_and_never_one():
    rates = ExchangeRates.load()
    with pytest.raises(InputError, match=r"no exchange rate for SEK .* of 2026-01-01"):
        rates.rate("SEK", "EUR")
    with pytest.raises(InputError, match="no exchange rate for SEK"):
        rates.rate("EUR", "SEK")
    with pytest.raises(InputError, match="unknown currency"):
        rates.rate(None, "EUR")
    assert rates.rate("SEK", "SEK") == 1.0  # nothing is converted


def test_only_amounts_are_converted():
    rows = pl.DataFrame(
        {"currency": ["EUR", "JPY"], "clicks": [3, 4], "spend": [10.0, 1000.0], "sales": [None, 0]}
    )
    shown = ExchangeRates.load().convert(rows, "USD")
    assert shown["currency"].to_list() == ["USD", "USD"]
    assert shown["clicks"].to_list() == [3, 4]
    assert shown["spend"].to_list() == pytest.approx([82.169 / 7.0028, 44.7 / 7.0028])
    assert shown["sales"].to_list() == [None, 0.0]


def test_a_table_of_ones_own_replaces_the_shipped_one(tmp_path):
    path = tmp_path / "rates.toml"
    path.write_text('date = 2025-06-30\nunit = "EUR"\n[rates]\nSEK = 0.09\n')
    rates = ExchangeRates.load(path)
    assert (rates.day, rates.rate("SEK", "EUR")) == (date(2025, 6, 30), 0.09)
    with pytest.raises(InputError, match=r"USD in rates\.toml of 2025-06-30"):
        rates.rate("USD", "EUR")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no toml at all",
        'unit = "EUR"\n[rates]\nUSD = 1.1',
        'date = 2025-06-30\nunit = "EUR"\n[rates]\nUSD = "1,1"',
        'date = 2025-06-30\nunit = "EUR"\n[rates]\nUSD = 0',
        'date = 2025-06-30\nunit = "EUR"\n[rates]\nUSD = true',
        'date = 2025-06-30\nunit = "EUR"\n[rates]\nUSD = nan',
    ],
)
def test_what_is_no_table_of_rates_says_what_was_expected(tmp_path, text):
    path = tmp_path / "rates.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"^rates\.toml: .*expected date"):
        ExchangeRates.load(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        ExchangeRates.load(tmp_path / "rates.toml")


CODES = st.sampled_from(["USD", "EUR", "GBP", "JPY", "CNY"])


@given(CODES, CODES, CODES)
def test_a_detour_changes_nothing(one, other, third):
    rates = ExchangeRates.load()
    detour = rates.rate(one, other) * rates.rate(other, third)
    assert detour == pytest.approx(rates.rate(one, third))


def test_a_report_is_shown_in_one_currency_with_its_day_named():
    frame = pl.DataFrame(
        [{"currency": "EUR", "spend": 10.0, "clicks": 3}, {"currency": "USD", "spend": 7.0}],
        schema=REPORT_SCHEMA,
    )
    report = SearchTermReport(frame, (Path("report.csv"),), Granularity.SUMMARY, 7)
    shown = shown_in(report, "USD", ExchangeRates.load())
    assert shown.totals["currency"].to_list() == ["USD"]
    assert shown.totals["spend"][0] == pytest.approx(7 + 82.169 / 7.0028)
    assert str(shown.problems[-1]) == (
        "report.csv: amounts in EUR are shown in USD; rates of 2026-01-01 from exchange_rates.toml."
    )
    assert shown_in(shown, "USD", ExchangeRates.load()) is shown
    with pytest.raises(InputError, match="no exchange rate for SEK"):
        shown_in(report, "SEK", ExchangeRates.load())
