"""Figures with units and ranges: ``Range``, ``money``, ``share``."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field

from admatch.agents.cells import currency_code

if TYPE_CHECKING:
    from admatch.pipeline.records import Interval

SHARE = "share of sales"
_CENTS, _SHARE_DIGITS = 2, 4

Money = Annotated[float, Field(description="An amount in the currency of the row or part.")]
Share = Annotated[float, Field(description="A share: 0.3 is 30 %.")]


class Range(BaseModel):
    """An expected figure; it lies between low80 and high80 with 80 % probability."""

    mean: float | None = Field(default=None, description="Absent if it is infinite or unknown.")
    low80: float | None = None
    high80: float | None = None
    unit: str = Field(description="A currency such as USD, 'share of sales', or 'orders'.")


def money(amount: float | None) -> float | None:
    """Return an amount to the cent; None if it is unknown or infinite."""
    return _rounded(amount, _CENTS)


def amounts(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return these amounts of a row, to the cent."""
    return {name: money(row[name]) for name in names}


def counts(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return these counts of a row as they are."""
    return {name: row[name] for name in names}


def share(value: float | None) -> float | None:
    """Return a share to a hundredth of a per cent; None if it is unknown or infinite."""
    return _rounded(value, _SHARE_DIGITS)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def money_range(interval: "Interval | None", currency: str | None) -> Range | None:
    """Return an amount with its range, to the cent."""
    return _range(interval, _CENTS, currency_code(currency) or "currency unknown")


def share_range(interval: "Interval | None") -> Range | None:
    """Return a share with its range."""
    return _range(interval, _SHARE_DIGITS, SHARE)


def count_range(interval: "Interval | None", unit: str) -> Range | None:
    """Return a count with its range."""
    return _range(interval, 1, unit)


def _range(interval: "Interval | None", digits: int, unit: str) -> Range | None:
    if interval is None:
        return None
    parts = (interval.mean, interval.low80, interval.high80)
    mean, low, high = (_rounded(one, digits) for one in parts)
    return Range(mean=mean, low80=low, high80=high, unit=unit)
