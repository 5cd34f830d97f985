import pytest

from admatch.display.money import money, percent


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1204.1, "USD", "$1,204.10"),
        (9.9, "EUR", "€9.90"),
        (1350.4, "JPY", "¥1,350"),
        (12, "SEK", "SEK\u00a012.00"),
        (-3.5, "GBP", "−£3.50"),
        (3.5, None, "3.50"),
        (None, "USD", "–"),
    ],
)
def test_amounts_are_written_in_their_currency(amount, currency, text):
    assert money(amount, currency) == text


def test_shares():
    assert percent(0.2137) == "21.4\u00a0%"
    assert percent(None) == "–"
    assert percent(float("inf")) == percent(11.0) == "over 1,000\u00a0%"
