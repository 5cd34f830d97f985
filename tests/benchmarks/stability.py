"""What decisions hang on besides the report: ``python -m tests.benchmarks.stability``.

The sample is decided again with another seed, as on plainer processors, and with other splits of
its terms into folds: once with a single split, once with the mean of four. So is a real German
account (../shared) but for the splits; its products are those of its business report. Counted are
the rows whose action differs, and those that are in one chosen set and not in the other, as shares
of the rows and of the chosen; what lacks a bid to be written counts as chosen. Each run is a
process of its own with nothing kept.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from tests.benchmarks.record import record
from tests.benchmarks.shared_data import SHARED

SEED, OTHER = 7, 11
_DATA = Path(__file__).parents[2] / "data" / "sample"
SAMPLE = (_DATA / "search_terms.csv", _DATA / "catalog.csv", _DATA / "bulk.xlsx")
_HOSES = SHARED / "reports" / "hoses_de_2025_03_german"
GERMAN = (_HOSES / "Sponsored_Products_Suchbegriff_Bericht.xlsx", _HOSES / "BusinessReport.csv")
KEY = ["campaign", "ad_group", "search_term", "targeting", "match_type"]
# A processor that has no more than this computes with other instructions, in another order.
PROCESSORS = {
    "AVX2 at most": {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"},
    "SSE 4 at most": {
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "ATEN_CPU_CAPABILITY": "default",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    },
}

DECIDE = """
import sys
import polars as pl
import admatch as am
from admatch.impact import prior
out, seed, splits, first, *files = sys.argv[1:]
seed, splits, first = int(seed), int(splits), int(first)
prior.SPLITS, split = splits, prior.fold_by_term
prior.fold_by_term = lambda rows, number: split(rows, number + first)
analysis = am.analyse(*files, options=am.AnalysisOptions(target_acos=0.3, seed=seed))
chosen = pl.col("chosen") | pl.col("unwritable")
analysis.advice.rows.with_columns(chosen=chosen).select(KEY).write_parquet(out)
"""


def decided(
    files: tuple[Path, ...],
    seed: int = SEED,
    splits: int = 4,
    first: int = 0,
    processor: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Return the decisions of a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "decisions.parquet"
        program = DECIDE.replace("KEY", repr([*KEY, "action", "chosen"]))
        command = [sys.executable, "-c", program, out, seed, splits, first, *files]
        own = os.environ | {"ADMATCH_CACHE": folder} | dict(processor or {})
        subprocess.run([str(one) for one in command], check=True, env=own)
        return pl.read_parquet(out)


def compared(name: str, one: pl.DataFrame, other: pl.DataFrame) -> dict[str, object]:
    """Return how many decisions differ."""
    both = one.join(other, on=KEY, nulls_equal=True, suffix="_other")
    assert both.height == one.height
    actions = int((both["action"] != both["action_other"]).sum())
    chosen = int((both["chosen"] != both["chosen_other"]).sum())
    return {
        "system": name,
        "rows": both.height,
        "other actions": actions,
        "other actions %": 100 * actions / both.height,
        "chosen in one only": chosen,
        "chosen in one only %": 100 * chosen / max(int(both["chosen"].sum()), 1),
    }


def account(name: str, files: tuple[Path, ...]) -> Iterator[dict[str, object]]:
    """Yield what differs in an account with another seed, and on another processor."""
    now = decided(files)
    yield compared(f"{name}: another seed", now, decided(files, seed=OTHER))
    for kind, processor in PROCESSORS.items():
        yield compared(f"{name}: {kind}", now, decided(files, processor=processor))


def splits(files: tuple[Path, ...]) -> Iterator[dict[str, object]]:
    """Yield what differs with other splits of the terms."""
    for count, name in ((1, "one"), (4, "mean of four")):
        first, other = decided(files, splits=count), decided(files, splits=count, first=100)
        yield compared(f"sample: other splits, {name}", first, other)


def main() -> None:
    """Measure, print, keep."""
    rows = [*account("sample", SAMPLE), *splits(SAMPLE)]
    if GERMAN[0].exists():
        rows += account("hoses, DE", GERMAN)
    record("stability", "decisions that differ", rows, SEED)


if __name__ == "__main__":
    main()
