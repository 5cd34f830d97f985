"""A catalog in a file of its own, memory-mapped instead of read."""

from pathlib import Path

import polars as pl

from admatch.catalog.records import Catalog

_FILE = "catalog.arrow"


def write_mapped(catalog: Catalog, folder: Path) -> None:
    """Write the products of a catalog into ``folder``."""
    catalog.frame.write_ipc(folder / _FILE)


def read_mapped(folder: Path, known_hash: str | None = None) -> Catalog:
    """Return the catalog in ``folder`` without reading it, as polars itself would.

    Raises ``OSError`` or ``ValueError`` where there is none.
    """
    import pyarrow  # takes a third of a second, and only this function needs it
    import pyarrow.ipc

    table = pl.from_arrow(pyarrow.ipc.open_file(pyarrow.memory_map(str(folder / _FILE))).read_all())
    assert isinstance(table, pl.DataFrame)
    return Catalog(table, folder, known_hash=known_hash)
