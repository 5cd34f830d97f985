"""Parquet files of the workspace as frames that stay in memory: ``FrameCache``."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_CELLS = 30_000_000  # in memory at most: some 500 MB


class FrameCache:
    """The frames that were used last. Asking DuckDB each time takes ten times as long."""

    def __init__(self) -> None:
        self._frames: OrderedDict[tuple[Path, int], pl.DataFrame] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, file: Path) -> "pl.DataFrame":
        """Return the frame in a file; raises FileNotFoundError where there is none."""
        import polars as pl

        key = (file, file.stat().st_mtime_ns)
        with self._lock:
            if key in self._frames:
                self._frames.move_to_end(key)
                return self._frames[key]
        frame = pl.read_parquet(file)
        with self._lock:
            self._frames[key] = frame
            while len(self._frames) > 1 and self._cells() > _CELLS:
                self._frames.popitem(last=False)
        return frame

    def clear(self) -> None:
        """Drop every frame."""
        with self._lock:
            self._frames.clear()

    def with_picture(self, folder: Path, product_ids: Iterable[str | None]) -> set[str]:
        """Return which of some products of an uploaded catalog have a picture."""
        import polars as pl

        ids = {one for one in product_ids if one is not None}
        file = folder / "read" / "catalog.parquet"
        if not ids or not file.exists():
            return set()
        own = self.get(file).filter(
            pl.col("product_id").is_in(list(ids)), pl.col("images").list.len() > 0
        )
        return set(own["product_id"])

    def _cells(self) -> int:
        return sum(frame.height * frame.width for frame in self._frames.values())
