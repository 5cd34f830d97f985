"""Questions to Parquet files: ``Reader``."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

_HELD = 32  # catalogs of which it is known which products have a picture


class Reader:
    """Queries over the Parquet files of runs, for any thread."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(
            config={"autoinstall_known_extensions": False, "threads": 1}
        )
        self._lock = threading.Lock()
        self._pictured: OrderedDict[tuple[str, int], frozenset[str]] = OrderedDict()

    def query(self, sql: str, values: Mapping[str, object]) -> list[dict[str, Any]]:
        """Return what a query finds; only those of ``values`` that it names are given to it."""
        used = {name: value for name, value in values.items() if f"${name}" in sql}
        with self._lock:
            cursor = self._connection.cursor()
        with cursor:
            found = cursor.execute(sql, used)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def pictured(self, folder: Path) -> frozenset[str]:
        """Return the ids of an uploaded catalog's products that have a picture."""
        file = folder / "read" / "catalog.parquet"
        if not file.exists():
            return frozenset()
        key = (str(file), file.stat().st_mtime_ns)
        if key not in self._pictured:
            sql = "SELECT product_id FROM read_parquet($file) WHERE len(images) > 0"
            rows = self.query(sql, {"file": str(file)})
            self._pictured[key] = frozenset(row["product_id"] for row in rows)
            while len(self._pictured) > _HELD:
                self._pictured.popitem(last=False)
        return self._pictured[key]
