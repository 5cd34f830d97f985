"""Amounts as the places where Amazon sells, and others, write them: value and currency."""

import pytest

from admatch.errors import InputError
from admatch.reports.reader import read_report
from tests.cases.files import HEADER, row

AMOUNTS = {
    # groups of lakh and crore
    "₹1,23,456.78": ("INR", 123456.78), "INR 1,23,456.78": ("INR", 123456.78),
    "Rs. 1,00,00,000.00": ("INR", 10_000_000.0), "₹1,00,00,000": ("INR", 10_000_000.0),
    # with a decimal comma, a blank or an apostrophe between thousands
    "1 234,56 kr": ("SEK", 1234.56), "1.234,56 kr.": ("DKK", 1234.56),
    "1 234,56 zł": ("PLN", 1234.56), "1234,5 zł": ("PLN", 1234.5), "₺1.234,56": ("TRY", 1234.56),
    "1.234,56 TL": ("TRY", 1234.56), "R$ 1.234,56": ("BRL", 1234.56),
    "CHF 1'234.50": ("CHF", 1234.5), "CHF 1’234.50": ("CHF", 1234.5),
    "1\u202f234,50 €": ("EUR", 1234.5), "€ 1.234,50": ("EUR", 1234.5),
    "1 234,50 Kč": ("CZK", 1234.5), "1.234,50 lei": ("RON", 1234.5),
    "1.234,50 лв.": ("BGN", 1234.5), "1 234,50 грн": ("UAH", 1234.5),
    "1 234,50 руб.": ("RUB", 1234.5), "1 234,50 ₽": ("RUB", 1234.5), "R 1 234,50": ("ZAR", 1234.5),
    # money without decimals: a point or comma parts thousands
    "￥1,235": ("JPY", 1235.0), "1,235円": ("JPY", 1235.0), "JP¥1,235": ("JPY", 1235.0),
    "₩1,235": ("KRW", 1235.0), "Rp1.235": ("IDR", 1235.0), "1.235 ₫": ("VND", 1235.0),
    "1 235 Ft": ("HUF", 1235.0), "NT$1,235": ("TWD", 1235.0),
    # from right to left, with its own digits
    "د.إ.\u200f ١٬٢٣٤٫٥٠": ("AED", 1234.5), "1,234.50 ر.س": ("SAR", 1234.5),
    "₪1,234.50": ("ILS", 1234.5),
    # of one country's dollar and others
    "A$1,234.50": ("AUD", 1234.5), "CA$1,234.50": ("CAD", 1234.5), "MX$1,234.50": ("MXN", 1234.5),
    "CN¥1,234.50": ("CNY", 1234.5), "1,234.50元": ("CNY", 1234.5), "$1,234.50": (None, 1234.5),
    # credits
    "(1,234.50)": (None, -1234.5), "−1.234,50 €": ("EUR", -1234.5), "1,234.50-": (None, -1234.5),
}  # fmt: skip


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_alone_decides(write, amount):
    line = row("lamp", Currency="", Spend=amount, Clicks="2000", **{"7_Day_Total_Sales_": amount})
    report = read_report(write("a.csv", HEADER, line))
    currency, value = AMOUNTS[amount]
    assert report.frame.select("currency", "spend", "sales").row(0) == (currency, value, value)


def test_what_may_be_a_thousand_or_a_fraction_is_refused(write):
    line = row("lamp", Spend="€1,234", Clicks="2000", **{"7_Day_Total_Sales_": "€5,678"})
    path = write("a.csv", HEADER, line)
    with pytest.raises(InputError, match="may be a thousand or a decimal fraction"):
        read_report(path)
