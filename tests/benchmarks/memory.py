"""What the verbs hold of large reports: ``python -m tests.benchmarks.memory [ROWS]``.

A daily console report of 10,000,000 rows, invented from a seed, as CSV and as Parquet, and the
largest CSV that is still read whole. Each verb runs over each in a process of its own, with the
sample's catalog; its peak memory is that of the process. The report has 5,000 distinct terms in
200,000 places (ad group, target, match type): a real one of this size may have forty times the
terms, of which each holds a vector and its products (some 3 KB) and takes time to encode. What
a verb has encoded the next one finds in the cache.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from admatch.reports.aggregate import LARGE
from tests.benchmarks.large_reports import (
    AD_GROUPS,
    CAMPAIGNS,
    MATCH_TYPES,
    ROOT,
    invented_figures,
    invented_terms,
    write_large_csv,
)
from tests.benchmarks.record import record

SEED, ROWS, STEP = 17, 10_000_000, 1_000_000
TERMS, PLACES = 5_000, 200_000
ROW_BYTES = 198  # of the CSV, about
CATALOG = ("--catalog", str(ROOT / "data" / "sample" / "catalog.csv"))
VERBS = {
    "check": ("check", "{report}"),
    "match": ("match", "{report}", *CATALOG, "--out", "{out}"),
    "recommend": (
        "recommend", "{report}", *CATALOG, "--target-acos", "0.30", "--out", "{out}",
    ),
}  # fmt: skip


def invented_places(rng: np.random.Generator) -> pl.DataFrame:
    """Return ``PLACES`` places of ``TERMS`` terms, under the console's headers."""
    terms = invented_terms(rng)[:TERMS]
    campaign, ad_group = rng.integers(0, CAMPAIGNS, PLACES), rng.integers(0, AD_GROUPS, PLACES)
    return pl.DataFrame(
        {
            "Portfolio name": pl.Series([f"Portfolio {i % 7}" for i in range(CAMPAIGNS)])[campaign],
            "Campaign Name": pl.Series([f"SP | Campaign {i:02}" for i in range(CAMPAIGNS)])[
                campaign
            ],
            "Ad Group Name": pl.Series([f"Ad group {i}" for i in range(AD_GROUPS)])[ad_group],
            "Targeting": terms[rng.integers(0, 5_000, PLACES)],
            "Match Type": pl.Series(MATCH_TYPES)[rng.integers(0, len(MATCH_TYPES), PLACES)],
            "Customer Search Term": terms[rng.integers(0, TERMS, PLACES)],
        }
    )


def invented_days(rows: int) -> Iterator[pl.DataFrame]:
    """Yield a daily report of so many rows, some at a time; popular places have more days."""
    rng = np.random.default_rng(SEED)
    places = invented_places(rng)
    for start in range(0, rows, STEP):
        count = min(STEP, rows - start)
        place = (PLACES * rng.random(count) ** 1.5).astype(np.int64)
        figures = invented_figures(count, SEED + start)
        named = figures.with_columns(*places[place].get_columns())
        yield named.rename({"Start Date": "Date"}).drop("End Date")


def write_reports(folder: Path, rows: int) -> list[Path]:
    """Write the report as CSV and Parquet, and the start of it that is read whole."""
    whole, csv, parquet = folder / "whole.csv", folder / "large.csv", folder / "large.parquet"
    parts = []
    for number, frame in enumerate(invented_days(rows)):
        left = LARGE // ROW_BYTES - number * STEP
        write_large_csv(frame, csv, append=number > 0)
        write_large_csv(frame.head(max(0, left)), whole, append=number > 0)
        parts.append(folder / f"{number}.parquet")
        frame.write_parquet(parts[-1])
    pl.scan_parquet(parts).sink_parquet(parquet)
    return [csv, whole, parquet]


def measure(verb: str, report: Path, folder: Path) -> dict[str, object]:
    """Return peak memory and seconds of one verb over a report, in a process of its own."""
    words = [word.format(report=report, out=folder / "out") for word in VERBS[verb]]
    told = folder / "told.json"
    start = time.perf_counter()
    command = [sys.executable, "-m", "tests.benchmarks.memory", "run", str(told), *words]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"ADMATCH_CACHE": str(folder / "cache")},
    )
    assert done.returncode == 0, done.stderr
    return {
        "system": f"{verb} {report.name}",
        "peak MiB": json.loads(told.read_text()),
        "seconds": time.perf_counter() - start,
        "file MiB": report.stat().st_size >> 20,
        "told": [line for line in done.stderr.splitlines() if "were added up" in line],
    }


def run(told: str, words: list[str]) -> None:
    """Run a verb in this process and write what it held at most, in MiB."""
    from admatch.cli.main import main as admatch

    sys.argv = ["admatch", *words]
    try:
        admatch()
    finally:
        status = Path("/proc/self/status").read_text()
        Path(told).write_text(str(int(status.split("VmHWM:")[1].split()[0]) >> 10))


def main(rows: int = ROWS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reports = write_reports(Path(folder), rows)
        lines = [measure(verb, one, Path(folder)) for one in reports for verb in VERBS]
    title = f"{rows:,} rows, {TERMS:,} terms in {PLACES:,} places; the largest file read whole"
    record("memory", title, lines, SEED)


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        run(sys.argv[2], sys.argv[3:])
    else:
        main(*map(int, sys.argv[1:]))
