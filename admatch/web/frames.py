"""Parquet files of the workspace as frames that stay in memory: ``Frames``."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_CELLS = 30_000_000  # that are held in all: some 500 MB


class Frames:
    """The files that were asked for last. Asking DuckDB each time takes ten times as long."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[Path, int], pl.DataFrame] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, file: Path) -> "pl.DataFrame":
        """Return the frame in a file; raises FileNotFoundError where there is none."""
        import polars as pl

        key = (file, file.stat().st_mtime_ns)
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        frame = pl.read_parquet(file)
        with self._lock:
            self._held[key] = frame
            while len(self._held) > 1 and self._cells() > _CELLS:
                self._held.popitem(last=False)
        return frame

    def forget(self) -> None:
        """Hold nothing any more."""
        with self._lock:
            self._held.clear()

    def pictured(self, folder: Path, product_ids: Iterable[str | None]) -> set[str]:
        """Return which of some products of an uploaded catalog have a picture."""
        import polars as pl

        asked = {one for one in product_ids if one is not None}
        file = folder / "read" / "catalog.parquet"
        if not asked or not file.exists():
            return set()
        own = self.get(file).filter(
            pl.col("product_id").is_in(list(asked)), pl.col("images").list.len() > 0
        )
        return set(own["product_id"])

    def _cells(self) -> int:
        return sum(frame.height * frame.width for frame in self._held.values())
