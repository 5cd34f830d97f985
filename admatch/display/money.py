"""Amounts as English text in their own currency: $1,204.10, €9.90, ¥1,350, SEK 12.00."""

from dataclasses import dataclass

from admatch.messages import say

_PREFIXES = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "CNY": "CN¥",
    "CAD": "CA$",
    "AUD": "A$",
    "MXN": "MX$",
    "BRL": "R$",
    "SGD": "S$",
}
_WITHOUT_CENTS = frozenset({"JPY", "KRW"})
UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class MoneyFormat:
    """The prefix of an amount and its number of decimals."""

    prefix: str
    decimals: int


def money_format(currency: str | None) -> MoneyFormat:
    """Return how amounts of ``currency`` are written; one without a symbol shows its code."""
    if not currency:
        return MoneyFormat("", 2)
    prefix = _PREFIXES.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    return MoneyFormat(prefix, 0 if currency in _WITHOUT_CENTS else 2)


def money(amount: float | None, currency: str | None) -> str:
    """Return the amount as text, or an en dash where it is unknown."""
    if amount is None:
        return UNKNOWN
    form = money_format(currency)
    sign = "−" if amount < 0 else ""
    return f"{sign}{form.prefix}{abs(amount):,.{form.decimals}f}"


def signed_money(amount: float, currency: str | None) -> str:
    """Return a difference as text, with its sign: +$12.00."""
    return f"{'' if amount < 0 else '+'}{money(amount, currency)}"


def percent(share: float | None, decimals: int = 1) -> str:
    """Return a share (0 … 1) as a text like 21.4 %, or an en dash where it is unknown.

    An ACOS above ten, infinite without sales, is only said to be that large.
    """
    if share is None:
        return UNKNOWN
    if share > 10:
        return say("display.percent.beyond")
    return say("display.percent.share", number=f"{share * 100:.{decimals}f}")
