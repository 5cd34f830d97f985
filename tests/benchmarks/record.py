"""A benchmark's table: printed, and kept as JSON with the machine, the commit and the seed."""

import json
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("admatch", "torch", "sentence-transformers", "polars")


def record(name: str, title: str, rows: list[dict[str, object]], seed: int) -> None:
    """Print ``rows`` as a table and write them to ``results/NAME.json``."""
    table = Table(title=title)
    for column in rows[0]:
        table.add_column(column, justify="left" if column == "system" else "right")
    for row in rows:
        table.add_row(
            *(f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row.values())
        )
    Console().print(table)
    kept = {"title": title, "seed": seed, "rows": rows, "run": _circumstances()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def _circumstances() -> dict[str, object]:
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    changed = subprocess.run(
        ["git", "status", "--porcelain", "admatch"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "commit": commit + ("+changes" if changed else ""),
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _processor(),
        "cores": cpu_count(),
        "python": platform.python_version(),
        "packages": {package: version(package) for package in PACKAGES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown")
