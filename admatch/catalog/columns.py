"""Which column of a catalog file is which: by its header, and by what it holds."""

from collections.abc import Mapping, Sequence

import polars as pl

from admatch.catalog.headers import HEADERS, RIVALS, WEAK_TITLES, plain_headers
from admatch.errors import Problem
from admatch.messages import say
from admatch.tables.header_table import normalise
from admatch.tables.raw import RawTable

ASIN = r"^B0[A-Z0-9]{8}$"  # books have ISBNs, but not every number of ten digits is one
_MOSTLY = 0.5  # of a column's cells
_FEW = 10  # a column that repeats each of its texts ten times on average holds no titles
_SHOWN_AGAIN = 10  # rows from which repeated titles are worth a word
# what WooCommerce and Magento call the kinds of products; a category may be called "bundle" only
_SURE_KINDS = ["simple", "variable", "variation", "configurable", "grouped", "external"]
_KINDS = [*_SURE_KINDS, "virtual", "downloadable", "bundle", "subscription"]


def known_columns(table: RawTable, overrides: Mapping[str, str]) -> dict[str, int]:
    """Return which column of a table is which. Raises ``InputError`` for overrides not in it."""
    header = _with_overrides(table.header, overrides)
    forced = HEADERS.recognise(header, overrides).columns
    cells = _cells(table)
    taken = {at for name, at in forced.items() if name in overrides}
    columns = {name: forced[name] for name in overrides}
    for name, ranked in HEADERS.ranked(header).items():
        free = [at for at in ranked if at not in taken]
        if name not in columns and free:
            best = _best(name, free, header, cells)
            columns |= {} if best is None else {name: best}
    if "product_id" not in overrides and not _known_asins(columns, cells):
        columns |= _asins_elsewhere(header, columns, cells)
    kinds = [at for at in HEADERS.ranked(header).get("category", ()) if _holds_kinds(cells[at])]
    return columns | ({"kind": kinds[0]} if kinds else {})


def take_columns(
    table: RawTable, overrides: Mapping[str, str]
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the known columns by their names, as text, and ``row``: the number of each row.

    A title column that only repeats a few texts is a ``Problem``.
    """
    columns, cells = known_columns(table, overrides), _cells(table)
    taken = pl.DataFrame([cells[at].alias(name) for name, at in columns.items()])
    if "kind" in columns:  # WooCommerce writes a line end as two letters
        texts = [name for name in ("description", "short_description") if name in columns]
        taken = taken.with_columns(pl.col(texts).str.replace_all("\\n", "\n", literal=True))
    problems = []
    if "title" in columns and "title" not in overrides:
        problems = _repeated(table, table.header[columns["title"]], taken["title"])
    return taken.insert_column(0, table.frame_rows.alias("row")), problems


def _known_asins(columns: Mapping[str, int], cells: Sequence[pl.Series]) -> bool:
    return "product_id" in columns and _holds_asins(cells[columns["product_id"]])


def _asins_elsewhere(
    header: Sequence[str], columns: Mapping[str, int], cells: Sequence[pl.Series]
) -> dict[str, int]:
    """Return the column of ASINs that is called so in a language that no table has, if any.

    Of several the one with the most ASINs counts: parents are fewer than their variations.
    """
    free = [at for at in range(len(header)) if at not in columns.values()]
    named = [at for at in free if "asin" in normalise(header[at]) and _holds_asins(cells[at])]
    named = [at for at in named if not any(word in normalise(header[at]) for word in RIVALS)]
    best = max(named, key=lambda at: cells[at].n_unique(), default=None)
    return {} if best is None else {"product_id": best}


def _cells(table: RawTable) -> list[pl.Series]:
    stripped = table.frame.select(pl.all().str.strip_chars())
    filled = stripped.select(pl.when(pl.all().str.len_bytes() > 0).then(pl.all()))
    return filled.get_columns()


def _with_overrides(header: Sequence[str], overrides: Mapping[str, str]) -> list[str]:
    """Return the plain headers; those that ``overrides`` name stay as the file spells them."""
    named = {normalise(one) for one in overrides.values()}
    plain = plain_headers(header)
    return [
        cell if normalise(cell) in named else one for cell, one in zip(header, plain, strict=True)
    ]


def _best(
    name: str, ranked: Sequence[int], header: Sequence[str], cells: Sequence[pl.Series]
) -> int | None:
    """Return the first column that holds what its name promises, or the first one with a cell."""
    filled = [at for at in ranked if cells[at].null_count() < len(cells[at])]
    match name:
        case "title":
            fitting = [at for at in filled if not repeats(cells[at])]
            strong = [at for at in filled if normalise(header[at]) not in WEAK_TITLES]
            if not fitting and filled and not strong and len(cells[0]) >= _SHOWN_AGAIN:
                return None
        case "product_id":
            fitting = [at for at in filled if _holds_asins(cells[at])]
        case "category":
            filled = [at for at in filled if not _holds_kinds(cells[at])]
            return filled[0] if filled else None
        case _:
            fitting = filled
    return (fitting or filled or list(ranked))[0]


def repeats(cells: pl.Series) -> bool:
    """Return whether a column has each of its texts many times over, as a brand's column has."""
    texts = cells.drop_nulls()
    return len(texts) > 1 and texts.n_unique() <= max(1, len(texts) // _FEW)


def _holds_asins(cells: pl.Series) -> bool:
    texts = cells.drop_nulls()
    found = texts.str.to_uppercase().str.contains(ASIN).sum()
    return bool(len(texts)) and found >= _MOSTLY * len(texts)


def _holds_kinds(cells: pl.Series) -> bool:
    words = cells.drop_nulls().str.to_lowercase().str.split(",").explode().str.strip_chars()
    if not len(words):
        return False
    return bool(words.is_in(_KINDS).all() and words.is_in(_SURE_KINDS).any())


def _repeated(table: RawTable, header: str, titles: pl.Series) -> list[Problem]:
    texts = titles.drop_nulls()
    if len(texts) < _SHOWN_AGAIN or not repeats(titles):
        return []
    what = say("catalog.columns.repeated_title", n=texts.n_unique(), rows=len(texts))
    remedy = say("catalog.columns.name_title")
    return [Problem(table.path, what, remedy, column=header)]
