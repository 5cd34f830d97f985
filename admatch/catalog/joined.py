"""Columns of another sheet about the same products: titles stand here, prices there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from admatch.errors import Problem, shorten
from admatch.messages import say
from admatch.tables.raw import RawTable

_KEYS = ("product_id", "sku")
_MOSTLY = 0.5  # the share of a sheet's IDs that the products must have


@dataclass(frozen=True, slots=True)
class Source:
    """A table and which of its columns is which."""

    table: RawTable
    columns: Mapping[str, int]

    def keyed(self, name: str) -> pl.DataFrame:
        """Return the cells of all rows with their ``key``, the ID that is called ``name``."""
        key = pl.col(str(self.columns[name])).str.strip_chars().str.to_uppercase()
        return self.table.frame.with_columns(key=key)


def join_columns(products: Source, further: Source) -> tuple[RawTable, Problem] | None:
    """Return the table of products with the columns that only ``further`` has, and a note.

    Rows belong together by their IDs. None where those are others, or each more than once.
    """
    names = [name for name in further.columns if name not in products.columns]
    for key in _KEYS:
        if not names or key not in products.columns or key not in further.columns:
            continue
        cells = further.keyed(key).drop_nulls("key")
        rows = products.keyed(key).select("key")
        known = cells["key"].is_in(rows["key"].implode())
        if cells["key"].is_duplicated().any() or known.sum() <= _MOSTLY * len(cells):
            continue
        table = _with_columns(
            products.table, rows, cells, [further.columns[n] for n in names], further
        )
        headers = ", ".join(shorten(further.table.header[further.columns[n]]) for n in names)
        what = say(
            "catalog.columns.joined_sheet",
            sheet=shorten(str(further.table.sheet)),
            n=int(known.sum()),
            columns=headers,
        )
        return table, Problem(table.path, what, say("catalog.columns.joined_by_ids"))
    return None


def _with_columns(
    table: RawTable,
    rows: pl.DataFrame,
    cells: pl.DataFrame,
    columns: Sequence[int],
    further: Source,
) -> RawTable:
    """Return ``table`` with ``columns`` of ``further`` behind its own."""
    found = rows.join(cells, on="key", how="left", maintain_order="left")
    above = table.header_at
    added = []
    for at in columns:
        top = pl.Series([None] * above + [further.table.header[at]], dtype=pl.String)
        added.append(pl.concat([top, found[str(at)].cast(pl.String)]))
    width = len(table.header)
    kept = table.lines.get_columns()
    lines = [*kept[:width], *added, *kept[width:]]
    return replace(table, lines=pl.DataFrame([one.alias(str(at)) for at, one in enumerate(lines)]))
