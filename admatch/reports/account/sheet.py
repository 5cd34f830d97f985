"""One recognised table → its rows as an ``Account``."""

from collections.abc import Iterator

import polars as pl

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.account.entities import find_entities
from admatch.reports.account.ids import find_ids
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account
from admatch.reports.account.rows import classify_account_rows, left_out_lines
from admatch.reports.account.settings import find_settings
from admatch.reports.account.values import unknown_words
from admatch.reports.candidates import Candidate
from admatch.reports.currencies import find_currencies
from admatch.reports.measures import RATIOS, Measures, parse_measures
from admatch.reports.notices import cell_notices, column_notices, row_notices
from admatch.reports.periods import Periods, find_periods
from admatch.reports.ratios import check_ratios
from admatch.reports.rows import Columns, RowKind

_FIGURES = ("impressions", "clicks", "spend", "sales", "orders", "units")
_BIDS = ("daily_budget", "default_bid", "default_bid_informational", "bid")
_MONEY = ("spend", "sales", *_BIDS)
# columns whose words are translated, and the section of values.toml they are in
_WORDS = {
    "ad_product": "ad_product",
    "entity": "entity",
    "operation": "operation",
    "campaign_state": "state",
    "ad_group_state": "state",
    "state": "state",
    "targeting_type": "targeting_type",
    "match_type": "match_type",
    "keyword_type": "match_type",
}


def read_account_sheet(one: Candidate, label: str, currency: str | None) -> Account:
    """Return the entities in a table; ``label`` is the text of the column ``file``.

    ``currency`` is that of rows that do not name their own. Lines that are not entities and rows
    with unreadable cells are left out and named in problems. Raises ``InputError`` where numbers or
    dates can be read in two ways.
    """
    table, key = one.table, one.kind.key
    everything = Columns.of(table, one.found)
    kinds = classify_account_rows(table, everything, key)
    columns = everything.filter(kinds == RowKind.DATA.value)
    measures = _measures(one, columns)
    periods = find_periods(table, columns)
    bad = _bad(columns, measures, periods)
    good = ~bad.select(pl.any_horizontal(pl.all())).to_series()
    entities = find_entities(columns, key)
    ids, id_problems = find_ids(table.path, columns, entities["entity"])
    settings = find_settings(table, columns, entities["entity"], measures.values)
    figures = _figures(columns, measures, periods, currency)
    frame = entities.hstack(settings).hstack(ids).hstack(figures).filter(good)
    frame = frame.with_columns(pl.lit(label).alias("file")).select(*ACCOUNT_SCHEMA)
    has_figures = _has_figures(frame)
    problems = [
        *table.problems,
        *(column_notices(table.path, one.found) if has_figures else ()),
        *row_notices(table.path, left_out_lines(table, kinds, key)),
        *cell_notices(table.path, bad, columns),
        *_word_notices(one, columns),
        *id_problems,
        *(periods.problems if has_figures else ()),
        *_frame_notices(one, frame),
        *_ratio_notices(one, measures, columns, good),
    ]
    skipped = table.frame.height - frame.height
    return Account(frame, (table.path,), (one.kind.name,), tuple(problems), skipped)


def _measures(one: Candidate, columns: Columns) -> Measures:
    names = [*_FIGURES, *RATIOS, *_BIDS, "percentage"]
    cells = columns.cells.select(name for name in names if name in columns.headers)
    if "percentage" in cells.columns:  # "50%" and 50 are the same there
        cells = cells.with_columns(pl.col("percentage").str.replace_all("%", "", literal=True))
    return parse_measures(cells, columns.headers, typed=one.table.typed, file=one.table.path.name)


def _bad(columns: Columns, measures: Measures, periods: Periods) -> pl.DataFrame:
    """Return a Boolean column for each that was parsed, true where the cell cannot be read."""
    none = pl.DataFrame({"": pl.repeat(False, columns.cells.height, eager=True)})
    found = [frame for frame in (measures.bad, periods.bad) if frame.width]
    return pl.concat([none, *found], how="horizontal")


def _figures(
    columns: Columns, measures: Measures, periods: Periods, currency: str | None
) -> pl.DataFrame:
    """Return row, period, currency and figures; what the file lacks is null."""
    amounts = [name for name in _MONEY if name in columns.headers]
    cells = [columns.cells[name] for name in amounts] or [columns.rows.cast(pl.String)]
    written = columns.cells["currency"] if "currency" in columns.headers else None
    codes = find_currencies(written, cells, [columns.headers[name] for name in amounts])
    figures = {
        name: measures.values[name]
        if name in measures.values.columns
        else pl.repeat(None, columns.cells.height, dtype=ACCOUNT_SCHEMA[name], eager=True)
        for name in _FIGURES
    }
    return pl.DataFrame(
        {
            "row": columns.rows,
            "start_date": periods.start,
            "end_date": periods.end,
            "currency": codes.fill_null(pl.lit(currency, pl.String)) if currency else codes,
            **figures,
        }
    )


def _ratio_notices(
    one: Candidate, measures: Measures, columns: Columns, good: pl.Series
) -> Iterator[Problem]:
    if measures.values.width:  # without columns polars knows no rows to filter
        values = measures.values.filter(good)
        yield from check_ratios(one.table.path, values, columns.filter(good))


def _has_figures(frame: pl.DataFrame) -> bool:
    return any(frame[name].null_count() < frame.height for name in _FIGURES)


def _word_notices(one: Candidate, columns: Columns) -> Iterator[Problem]:
    for name, section in _WORDS.items():
        yield from unknown_words(one.table.path, columns, name, section)


def _frame_notices(one: Candidate, frame: pl.DataFrame) -> Iterator[Problem]:
    path = one.table.path
    money = [name for name in _MONEY if name in frame.columns]
    amounts = frame.filter(pl.any_horizontal(pl.col(money).is_not_null()))
    unknown = amounts["currency"].null_count()
    if unknown:
        what = say("reports.account.currency", n=unknown)
        yield Problem(path, what, say("reports.account.name_currency"))
    repeats = frame.select(pl.exclude("row")).is_duplicated().sum()
    if repeats:
        what = say("reports.sheet.repeats", n=int(repeats))
        yield Problem(path, what, say("reports.sheet.check_pasted"))
    if not frame.height:
        yield Problem(path, say("reports.account.no_rows"), say("reports.account.fill"))
