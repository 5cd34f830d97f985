"""One recognised table of Amazon's other reports → its rows in the columns of ``SCHEMAS``."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.currencies import find_currencies
from admatch.reports.identifiers import clean_ids
from admatch.reports.insights.figures import read_figures, refuse_without
from admatch.reports.insights.kinds import InsightTable, insight_name
from admatch.reports.insights.periods import reported_days
from admatch.reports.insights.records import SCHEMAS, InsightKind
from admatch.reports.insights.top_terms import FIGURES, TEXTS, in_rows
from admatch.reports.notices import cell_notices
from admatch.reports.periods import find_periods
from admatch.reports.rows import Columns
from admatch.tables.header_table import normalise
from admatch.tables.raw import RawTable

_IDS = ("campaign_id", "ad_group_id")
_MONEY = ("spend", "sales", "price", "daily_budget", "recommended_budget")
# without what a row is about, it is a note or a total
_NAMES = {
    InsightKind.PURCHASED_PRODUCTS: ("campaign", "purchased_asin"),
    InsightKind.SEARCH_QUERIES: ("query",),
    InsightKind.SEARCH_CATALOG: ("asin",),
    InsightKind.TOP_TERMS: ("query",),
    InsightKind.BUDGETS: ("campaign",),
    InsightKind.CAMPAIGN_DAYS: ("campaign",),
    InsightKind.PLACEMENTS: ("campaign", "placement"),
}
_OWN = ("impressions", "clicks", "cart_adds", "purchases")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one table, what was wrong with the others, and how many those were."""

    kind: InsightKind
    frame: pl.DataFrame
    problems: tuple[Problem, ...]
    skipped: int


def read_insight_sheet(one: InsightTable, label: str, currency: str | None) -> Sheet:
    """Return the rows of a table; ``label`` is the text of the column ``file``.

    ``currency`` is that of rows that do not name their own. Raises ``InputError`` where numbers or
    dates can be read in two ways, and where no row can be used.
    """
    table, kind = one.table, one.kind
    everything = Columns.of(table, one.found)
    columns, nameless = _data(everything, kind)
    figures = read_figures(columns, _figures_of(kind), table.path.name, typed=table.typed)
    days, bad_days = _days(table, columns)
    ids, id_problems = _ids(table.path, columns, kind)
    texts = [columns.get(name).str.strip_chars() for name in _texts_of(kind)]
    frame = pl.DataFrame(
        [
            pl.Series("row", columns.rows, pl.Int64), *days, _currencies(columns, currency),
            *texts, *ids, *figures.values,
        ]
    ).with_columns(pl.lit(label).alias("file"))  # fmt: skip
    bad = pl.concat([figures.bad, bad_days], how="horizontal")
    good = ~bad.select(pl.any_horizontal(pl.lit(False), pl.all())).to_series()
    frame = frame.filter(good)
    if kind is InsightKind.TOP_TERMS:
        frame = in_rows(frame)
    frame, odd = _consistent(_named(frame, kind), kind)
    refuse_without(frame, table.path.name, insight_name(kind))
    problems = (
        *table.problems,
        *_nameless(table.path, nameless),
        *cell_notices(table.path, bad, columns),
        *id_problems,
        *_notices(table.path, odd, frame, kind),
    )
    return Sheet(kind, frame.select(*SCHEMAS[kind]), problems, table.frame.height - _rows(frame))


def _rows(frame: pl.DataFrame) -> int:
    return frame["row"].n_unique()


def _data(columns: Columns, kind: InsightKind) -> tuple[Columns, pl.Series]:
    """Return the rows that say what they are about, and the numbers of those that do not.

    A header that is repeated does not.
    """
    names = _NAMES[kind]
    named = pl.all_horizontal(pl.col(name).is_not_null() for name in names)
    header = pl.all_horizontal(
        pl.col(name).str.strip_chars() == columns.headers[name].strip() for name in names
    )
    mask = columns.cells.select(named & ~header.fill_null(False)).to_series()
    return columns.filter(mask), columns.rows.filter(~mask)


def _nameless(path: Path, rows: pl.Series) -> list[Problem]:
    if rows.is_empty():
        return []
    what = say("reports.insights.no_name", n=len(rows))
    return [Problem(path, what, say("reports.rows.left_out"), int(rows[0]))]


def _figures_of(kind: InsightKind) -> dict[str, pl.DataType]:
    if kind is InsightKind.TOP_TERMS:
        return FIGURES
    return {
        name: dtype for name, dtype in SCHEMAS[kind].items() if dtype.is_numeric() and name != "row"
    }


def _texts_of(kind: InsightKind) -> tuple[str, ...]:
    if kind is InsightKind.TOP_TERMS:
        return TEXTS
    apart = ("file", "currency", *_IDS)
    return tuple(
        name for name, dtype in SCHEMAS[kind].items() if dtype == pl.String and name not in apart
    )


def _days(table: RawTable, columns: Columns) -> tuple[list[pl.Series], pl.DataFrame]:
    """Return first and last day of each row, and which date cells cannot be read."""
    if "reporting_date" in columns.headers:
        first, last, unread = reported_days(table, columns.cells["reporting_date"])
        return [first, last], pl.DataFrame({"reporting_date": unread})
    found = find_periods(table, columns)
    bad = found.bad if found.bad.width else _nothing(columns)
    return [found.start.alias("start_date"), found.end.alias("end_date")], bad


def _nothing(columns: Columns) -> pl.DataFrame:
    return pl.DataFrame({"": pl.repeat(False, len(columns.rows), eager=True)})


def _ids(path: Path, columns: Columns, kind: InsightKind) -> tuple[list[pl.Series], list[Problem]]:
    wanted = {name: columns.get(name) for name in _IDS if name in SCHEMAS[kind]}
    if not wanted:
        return [], []
    frame, problems = clean_ids(path, wanted, columns.rows)
    return frame.get_columns(), problems


def _currencies(columns: Columns, currency: str | None) -> pl.Series:
    amounts = [name for name in _MONEY if name in columns.headers]
    cells = [columns.cells[name] for name in amounts] or [columns.rows.cast(pl.String)]
    written = columns.cells["currency"] if "currency" in columns.headers else None
    codes = find_currencies(written, cells, [columns.headers[name] for name in amounts])
    return codes.fill_null(pl.lit(currency, pl.String)) if currency else codes


def _named(frame: pl.DataFrame, kind: InsightKind) -> pl.DataFrame:
    """Return the rows with ASINs in capitals and places in admatch's words."""
    asins = [name for name in ("asin", "purchased_asin") if name in frame.columns]
    frame = frame.with_columns(pl.col(asins).str.to_uppercase()) if asins else frame
    if kind is not InsightKind.PLACEMENTS:
        return frame
    words = {
        cell: _place_words().get(normalise(cell), cell) for cell in frame["placement"].unique()
    }
    return frame.with_columns(pl.col("placement").replace(words))


def _consistent(frame: pl.DataFrame, kind: InsightKind) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows that are possible, and those whose own part is more than the whole."""
    if kind is not InsightKind.SEARCH_QUERIES:
        return frame, frame.clear()
    more = pl.any_horizontal(
        (pl.col(f"own_{name}") > pl.col(name)).fill_null(False) for name in _OWN
    )
    return frame.filter(~more), frame.filter(more)


def _notices(
    path: Path, odd: pl.DataFrame, frame: pl.DataFrame, kind: InsightKind
) -> list[Problem]:
    found = []
    if odd.height:
        what = say("reports.insights.more_than_all", n=odd.height)
        remedy = say("reports.rows.left_out")
        found.append(Problem(path, what, remedy, int(odd["row"][0]), value=odd["query"][0]))
    money = [name for name in ("spend", "sales") if name in SCHEMAS[kind]]
    amounts = frame.filter(pl.any_horizontal(pl.lit(False), pl.col(money).is_not_null()))
    if unknown := amounts["currency"].null_count():
        what = say("reports.account.currency", n=unknown)
        found.append(Problem(path, what, say("reports.account.name_currency")))
    return found


@cache
def _place_words() -> dict[str, str]:
    text = files("admatch.reports.insights").joinpath("placements.toml").read_text("utf-8")
    return {normalise(one): place for place, known in tomllib.loads(text).items() for one in known}
