"""Amounts in several currencies shown in one: the ``ExchangeRates`` of a day."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import polars as pl

from admatch.errors import InputError, Problem
from admatch.messages import say
from admatch.reports.records import SearchTermReport

_AMOUNTS = ("spend", "sales", "sales_promoted", "sales_halo")


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """The worth of one unit of each currency on ``day``, counted in one of them.

    ``source`` is the file that the rates come from.
    """

    day: date
    worth: Mapping[str, float]
    source: Path

    @classmethod
    def load(cls, path: str | Path | None = None) -> "ExchangeRates":
        """Return the rates in a TOML file like exchange_rates.toml, which is the default.

        Raises ``InputError`` for any other file, and for one without a date.
        """
        return _shipped() if path is None else _read(Path(path))

    def rate(self, currency: str | None, into: str) -> float:
        """Return the worth of one unit of ``currency`` in ``into``.

        Raises ``InputError`` where either has no rate.
        """
        if currency is not None and currency == into:
            return 1.0
        return self._worth_of(currency) / self._worth_of(into)

    def convert(self, rows: pl.DataFrame, into: str) -> pl.DataFrame:
        """Return ``rows`` with every amount, and the column ``currency``, in ``into``.

        Raises ``InputError`` where a row's currency is unknown or has no rate.
        """
        currencies = rows["currency"].unique().to_list()
        factors = [self.rate(one, into) for one in currencies]
        factor = pl.col("currency").replace_strict(
            currencies, factors, default=None, return_dtype=pl.Float64
        )
        amounts = [name for name in _AMOUNTS if name in rows.columns]
        shown = pl.lit(into).alias("currency")
        return rows.with_columns(*(pl.col(name) * factor for name in amounts), shown)

    def _worth_of(self, currency: str | None) -> float:
        """Return the worth of one unit of ``currency``; raises ``InputError`` without a rate."""
        if currency is None:
            raise InputError(say("reports.exchange.currency_unknown"))
        if currency not in self.worth:
            raise InputError(
                say(
                    "reports.exchange.no_rate",
                    currency=currency,
                    file=self.source.name,
                    day=str(self.day),
                    currencies=", ".join(sorted(self.worth)),
                )
            )
        return self.worth[currency]


@cache
def _shipped() -> ExchangeRates:
    with as_file(files("admatch.reports").joinpath("exchange_rates.toml")) as path:
        return _read(path)


def _read(path: Path) -> ExchangeRates:
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(say("tables.content.missing", path=str(path))) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        expected = say("reports.exchange.expected")
        raise InputError(
            say("reports.exchange.not_rates", file=path.name, why=str(error), expected=expected)
        ) from None
    return _checked(path, content)


def _checked(path: Path, content: dict[str, Any]) -> ExchangeRates:
    day, unit, rates = content.get("date"), content.get("unit"), content.get("rates")
    expected = say("reports.exchange.expected")
    if type(day) is not date or not isinstance(unit, str) or not isinstance(rates, dict):
        raise InputError(say("reports.exchange.incomplete", file=path.name, expected=expected))
    for code, worth in rates.items():
        is_number = isinstance(worth, int | float) and not isinstance(worth, bool)
        if not (is_number and math.isfinite(worth) and worth > 0):
            raise InputError(
                say(
                    "reports.exchange.bad_rate",
                    file=path.name,
                    currency=code,
                    value=str(worth),
                    expected=expected,
                )
            )
    return ExchangeRates(day, {unit: 1.0, **rates}, path)


def shown_in(report: SearchTermReport, into: str, rates: ExchangeRates) -> SearchTermReport:
    """Return ``report`` with every amount in ``into``, and a problem that names day and source.

    This is for display: decisions are made on the report's own amounts. Raises ``InputError``
    where a row's currency is unknown or has no rate.
    """
    others = [one for one in report.frame["currency"].unique().sort() if one != into]
    if not others:
        return report
    currencies = ", ".join(map(str, others))
    what = say("reports.exchange.shown_in", currencies=currencies, currency=into)
    remedy = say("reports.exchange.rates_of", day=str(rates.day), file=rates.source.name)
    return replace(
        report,
        frame=rates.convert(report.frame, into),
        repeated=rates.convert(report.repeated, into),
        problems=(*report.problems, Problem(report.sources[0], what, remedy)),
    )
