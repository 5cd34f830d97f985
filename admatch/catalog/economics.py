"""Cells of costs, fees, margins and targets → numbers: ``read_economics``."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from admatch.catalog.prices import currency_of, read_amounts
from admatch.catalog.row_problems import row_problems
from admatch.errors import Problem
from admatch.messages import Message, say
from admatch.tables.numbers import DecimalSign, decide_sign, parse_numbers, sign_evidence

ECONOMICS = ("cost", "fees", "margin", "target_acos")
_AMOUNTS = ("cost", "fees")
_HIGHEST = {"margin": 1.0, "target_acos": 5.0}  # as shares; larger bare numbers are per cent


def read_economics(
    path: Path, cells: pl.DataFrame, prices: pl.DataFrame
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the columns of ``ECONOMICS``, null where a cell has none, and what is wrong with them.

    Costs and fees are amounts in the currency of the price; a margin and a target are shares of
    sales, written 0.3, 30 or 30 %.
    """
    rows = cells.select("row", *(name for name in ECONOMICS if name in cells.columns))
    rows = rows.with_columns(prices["price"], prices["currency"])
    columns, problems = dict[str, pl.Series](), list[Problem]()
    for name in ECONOMICS:
        if name not in rows.columns:
            values = pl.repeat(None, rows.height, dtype=pl.Float64, eager=True)
        elif name in _AMOUNTS:
            values, wrong = _amounts(path, rows, name)
            problems += wrong
        else:
            values, wrong = _shares(path, rows, name)
            problems += wrong
        columns[name] = values
    found = pl.DataFrame(columns)
    priced = found.with_columns(rows["row"], rows["price"])
    return found, [*problems, *_without_margin(path, priced)]


def _amounts(path: Path, rows: pl.DataFrame, name: str) -> tuple[pl.Series, list[Problem]]:
    """Return amounts; those in another currency than the product's price are left out."""
    values, problems = read_amounts(path, rows.select("row", value=name), name)
    written = rows.select("row", "currency", value=name).with_columns(own=currency_of("value"))
    other = pl.col("own").is_not_null() & (pl.col("own") != pl.col("currency"))
    foreign = written.filter(other.fill_null(False))
    if foreign.is_empty():
        return values, problems
    problems += row_problems(
        path,
        foreign.select("row", "value"),
        say("catalog.economics.other_currency", currency=foreign["currency"][0]),
        say("catalog.economics.same_currency"),
        column=name,
    )
    return values.set(rows["row"].is_in(foreign["row"].implode()), None), problems


def _shares(path: Path, rows: pl.DataFrame, name: str) -> tuple[pl.Series, list[Problem]]:
    """Return shares; a column with a bare number above the highest share is in per cent."""
    cells = rows[name].str.strip_chars()
    per_cent = cells.str.ends_with("%").fill_null(False)
    bare = cells.str.strip_chars_end("% \u00a0")
    evidence = sign_evidence(bare)
    mixed = evidence.point is not None and evidence.comma is not None
    sign = DecimalSign.POINT if mixed else decide_sign(evidence, where=name)
    numbers = parse_numbers(bare, sign)
    plain = numbers.values.set(per_cent, None)
    highest = _HIGHEST[name]
    every = bool((plain > highest).any())
    shares = numbers.values.zip_with(~(per_cent | every), numbers.values / 100)
    wrong = numbers.bad | ((shares <= 0) | (shares > highest)).fill_null(False)
    said = {
        "margin": say("catalog.economics.margin"),
        "target_acos": say("catalog.economics.target"),
    }
    problems = row_problems(
        path,
        rows.select("row", value=name).filter(wrong),
        said[name],
        say("catalog.economics.write_share"),
        column=name,
    )
    return shares.set(wrong, None), problems


def _without_margin(path: Path, rows: pl.DataFrame) -> Iterator[Problem]:
    """Yield the products whose cost gives no margin: for lack of a price, or because it eats it."""
    costs = rows.filter(pl.col("cost").is_not_null() & pl.col("margin").is_null())
    total = pl.col("cost") + pl.col("fees").fill_null(0.0)
    cases: list[tuple[pl.DataFrame, Message, Message]] = [
        (
            costs.filter(pl.col("price").is_null()),
            say("catalog.economics.no_price"),
            say("catalog.economics.give_price"),
        ),
        (
            costs.filter(total >= pl.col("price")),
            say("catalog.economics.loss"),
            say("catalog.economics.check_cost"),
        ),
    ]
    for found, what, remedy in cases:
        shown = found.select("row", value=pl.col("cost").cast(pl.String))
        yield from row_problems(path, shown, what, remedy, column="cost")
