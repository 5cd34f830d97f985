"""Rows whose figures contradict each other: told, never changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from admatch.errors import Problem

_CHECK = "they were kept as they are; compare them with the console"
_NEGATIVE = ("impressions", "clicks", "spend", "sales", "orders", "units")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """How many rows have it, and the number of the first of them, if any."""

    count: int
    first: int | None

    def __add__(self, further: "Contradiction") -> "Contradiction":
        first = further.first if self.first is None else self.first
        return Contradiction(self.count + further.count, first)


def contradictions(rows: pl.DataFrame) -> dict[str, Contradiction]:
    """Return which rows contradict themselves, by what they have.

    ``rows`` has columns of ``REPORT_SCHEMA``; a figure that the file lacks contradicts nothing.
    """
    found = rows.select(
        *(pl.col("row").filter(test).len().alias(f"{what}/count") for what, test in _tests()),
        *(pl.col("row").filter(test).first().alias(f"{what}/first") for what, test in _tests()),
    ).row(0, named=True)
    return {
        what: Contradiction(found[f"{what}/count"], found[f"{what}/first"]) for what, _ in _tests()
    }


def contradiction_notices(path: Path, found: Mapping[str, Contradiction]) -> Iterator[Problem]:
    """Yield a problem for each contradiction that rows have, naming the first of them."""
    for what, one in found.items():
        if one.count:
            many = "1 row has" if one.count == 1 else f"{one.count} rows have"
            yield Problem(path, f"{many} {what}", _CHECK, row=one.first)


def _tests() -> list[tuple[str, pl.Expr]]:
    clicks, orders, sales = pl.col("clicks"), pl.col("orders"), pl.col("sales")
    return [
        ("more clicks than impressions", clicks > pl.col("impressions")),
        ("more orders than clicks", orders > clicks),
        ("cost without a click", (pl.col("spend") > 0) & (clicks == 0)),
        ("sales without an order", (sales > 0) & (orders == 0)),
        ("orders without sales", (orders > 0) & (sales == 0)),
        ("figures below zero", pl.any_horizontal(pl.col(name) < 0 for name in _NEGATIVE)),
        ("an end before their start", pl.col("end_date") < pl.col("start_date")),
    ]
