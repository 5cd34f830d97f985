"""What reading reports costs: ``python -m tests.benchmarks.reading``.

A console CSV of 1,000,000 rows and a workbook of 200,000, invented from a seed, are read by
admatch and by openpyxl + pandas scripts that end in the same typed table (``cleaning.py``), and
by bare parsers, which end in text. A CSV of 10,000,000 rows is summed by ``aggregate_report``.
Every measurement has a process of its own, the systems take turns, each figure is a median.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from tests.benchmarks.large_reports import invented_figures, write_large_csv, write_large_xlsx
from tests.benchmarks.record import record

SEED, ROUNDS = 11, 3
ROWS, SHEET_ROWS, MILLIONS = 1_000_000, 200_000, 10
NAMED = 9  # the columns that say what a row is about; the others are figures
SUMMED = ("impressions", "clicks", "spend", "sales", "orders")


def measure(system: str, path: Path) -> dict[str, object]:
    """Return seconds, peak memory and totals of one run, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.reading", system, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def run(system: str, path: Path) -> None:
    """Print what ``measure`` returns; modules are loaded before the clock starts."""
    work = _systems()[system]
    start, used = time.perf_counter(), time.process_time()
    sums = work(path)
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    told = {"seconds": seconds, "processor": processor, "MiB": _peak(), "sums": sums}
    print(json.dumps(told))


def _systems() -> dict[str, Callable[[Path], dict[str, float] | None]]:
    import pandas as pd

    import admatch as am
    from tests.benchmarks import cleaning

    def ours(read: Callable[[Path], am.SearchTermReport], path: Path) -> dict[str, float]:
        return read(path).totals.select(SUMMED).row(0, named=True)

    return {
        "admatch.read_report": lambda path: ours(am.read_report, path),
        "admatch.aggregate_report": lambda path: ours(am.aggregate_report, path),
        "pandas script": lambda path: cleaning.totals(cleaning.read_csv(path)),
        "pandas script, tuned": lambda path: cleaning.totals(cleaning.read_csv_tuned(path)),
        "openpyxl + pandas script": lambda path: cleaning.totals(cleaning.read_xlsx(path)),
        "pandas.read_csv alone": lambda path: _nothing(pd.read_csv(path)),
        "polars.read_csv alone": lambda path: _nothing(pl.read_csv(path)),
    }


def _nothing(_frame: object) -> None:
    """Keep the frame until it is counted, and return no sums: the amounts are still text."""


def _peak() -> int:
    """Return the most memory this process held, in MiB; a child's rusage has its parent's too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def compare(systems: list[str], path: Path, rounds: int) -> list[dict[str, object]]:
    """Return a row a system; the first is admatch, whose seconds divide those of the others."""
    runs = [{system: measure(system, path) for system in systems} for _ in range(rounds)]
    ours = systems[0]
    rows = []
    for system in systems:
        told = [one[system] for one in runs]
        ratios = [one[system]["seconds"] / one[ours]["seconds"] for one in runs]
        for one in runs:
            _assert_equal(one[system]["sums"], one[ours]["sums"])
        rows.append(
            {
                "system": f"{path.suffix[1:]}: {system}",
                "seconds": statistics.median(one["seconds"] for one in told),
                "processor seconds": statistics.median(one["processor"] for one in told),
                "times admatch": statistics.median(ratios),
                "ratios": f"{min(ratios):.2f} … {max(ratios):.2f}",
                "peak MiB": max(one["MiB"] for one in told),
            }
        )
    return rows


def _assert_equal(one: dict[str, float] | None, other: dict[str, float]) -> None:
    if one is not None:
        assert all(abs(one[name] - other[name]) < 0.005 for name in SUMMED), (one, other)


def write_ten_millions(path: Path) -> None:
    """Write the same campaigns and terms ten times over, with other days and figures each time."""
    named = invented_figures(ROWS, SEED).select(pl.nth(range(2, NAMED)))
    for step in range(MILLIONS):
        figures = invented_figures(ROWS, SEED + step)
        rows = figures.with_columns(named)
        write_large_csv(rows, path, append=step > 0)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        csv, xlsx, large = (Path(folder) / name for name in ("a.csv", "a.xlsx", "large.csv"))
        frame = invented_figures(ROWS, SEED)
        write_large_csv(frame, csv)
        write_large_xlsx(frame.head(SHEET_ROWS), xlsx)
        del frame
        rows = compare(SYSTEMS_CSV, csv, ROUNDS)
        rows += compare(["admatch.read_report", "openpyxl + pandas script"], xlsx, ROUNDS)
        write_ten_millions(large)
        rows += compare(["admatch.aggregate_report"], large, 1)
    title = f"{ROWS:,} rows CSV, {SHEET_ROWS:,} rows xlsx, {MILLIONS} million rows summed"
    record("reading", f"{title}; medians of {ROUNDS} rounds", rows, SEED)


SYSTEMS_CSV = [
    "admatch.read_report",
    "pandas script",
    "pandas script, tuned",
    "pandas.read_csv alone",
    "polars.read_csv alone",
]

if __name__ == "__main__":
    if len(sys.argv) == 3:
        run(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
