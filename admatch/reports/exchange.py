"""Amounts of several currencies shown in one: ``ExchangeRates`` of one day."""

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
from admatch.reports.records import SearchTermReport

_AMOUNTS = ("spend", "sales", "sales_promoted", "sales_halo")


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """What one unit of each currency is worth, counted in one of them, on ``day``.

    ``source`` is the file that the rates come from.
    """

    day: date
    worth: Mapping[str, float]
    source: Path

    @classmethod
    def load(cls, path: str | Path | None = None) -> "ExchangeRates":
        """Return the rates of a TOML file like exchange_rates.toml, by default that one.

        Raises ``InputError`` for a file that is none, or lacks its date.
        """
        return _shipped() if path is None else _read(Path(path))

    def rate(self, currency: str | None, into: str) -> float:
        """Return what one unit of ``currency`` is in ``into``; 1 only between equal ones.

        Raises ``InputError`` where either has no rate.
        """
        if currency is not None and currency == into:
            return 1.0
        return self._worth_of(currency) / self._worth_of(into)

    def convert(self, rows: pl.DataFrame, into: str) -> pl.DataFrame:
        """Return ``rows`` with every amount in ``into``, and ``currency`` saying so.

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
        """Return what one unit of ``currency`` is worth; ``InputError`` where it has no rate."""
        if currency is None:
            raise InputError(
                "amounts whose currency is not told cannot be converted; name it when reading"
            )
        if currency not in self.worth:
            raise InputError(
                f"no exchange rate for {currency} in {self.source.name} of {self.day}, which has "
                f"{', '.join(sorted(self.worth))}; give a rate file of your own that has it"
            )
        return self.worth[currency]


@cache
def _shipped() -> ExchangeRates:
    with as_file(files("admatch.reports").joinpath("exchange_rates.toml")) as path:
        return _read(path)


def _read(path: Path) -> ExchangeRates:
    try:
        held = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; check the path") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path.name}: this is no table of rates ({error}); {_EXPECTED}") from None
    return _checked(path, held)


_EXPECTED = 'expected date = 2026-01-01, unit = "CNY" and [rates] with lines like USD = 7.0028'


def _checked(path: Path, held: dict[str, Any]) -> ExchangeRates:
    day, unit, rates = held.get("date"), held.get("unit"), held.get("rates")
    if type(day) is not date or not isinstance(unit, str) or not isinstance(rates, dict):
        raise InputError(f"{path.name}: date, unit or rates are missing; {_EXPECTED}")
    for code, worth in rates.items():
        is_number = isinstance(worth, int | float) and not isinstance(worth, bool)
        if not (is_number and math.isfinite(worth) and worth > 0):
            raise InputError(
                f"{path.name}: the rate of {code} is '{worth}', not a number above 0; {_EXPECTED}"
            )
    return ExchangeRates(day, {unit: 1.0, **rates}, path)


def shown_in(report: SearchTermReport, into: str, rates: ExchangeRates) -> SearchTermReport:
    """Return ``report`` with every amount in ``into``, and a problem that names day and source.

    For showing only: what is decided is decided on the report's own amounts. Raises
    ``InputError`` where a row's currency is unknown or has no rate.
    """
    others = [one for one in report.frame["currency"].unique().sort() if one != into]
    if not others:
        return report
    what = f"amounts in {', '.join(map(str, others))} are shown in {into}"
    how = f"rates of {rates.day} from {rates.source.name}"
    return replace(
        report,
        frame=rates.convert(report.frame, into),
        repeated=rates.convert(report.repeated, into),
        problems=(*report.problems, Problem(report.sources[0], what, how)),
    )
