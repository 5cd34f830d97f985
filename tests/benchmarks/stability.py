"""What decisions hang on besides the report: ``python -m tests.benchmarks.stability``.

The sample is decided again with another seed, on a processor without AVX-512, and with other splits
of its terms into folds: once with a single split, once with the mean of four. Counted are the rows
whose action differs, and those that are in one chosen set and not in the other, as shares of the
rows and of the chosen. Each run is a process of its own with nothing kept.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

from tests.benchmarks.record import record

SEED, OTHER = 7, 11
SAMPLE = Path(__file__).parents[2] / "data" / "sample"
KEY = ["campaign", "ad_group", "search_term", "targeting", "match_type"]
PLAIN = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}

DECIDE = """
import sys
from pathlib import Path
import admatch as am
from admatch.impact import prior
sample, out, seed, splits, first = Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:6])
prior.SPLITS, split = splits, prior.fold_by_term
prior.fold_by_term = lambda rows, number: split(rows, number + first)
analysis = am.analyse(
    sample / "search_terms.csv", sample / "catalog.csv", sample / "bulk.xlsx",
    am.AnalysisOptions(target_acos=0.3, seed=seed),
)
analysis.advice.frame.write_parquet(out)
"""


def decided(
    folder: Path, seed: int = SEED, splits: int = 4, first: int = 0, **environment: str
) -> pl.DataFrame:
    """Return the decisions of a process of its own."""
    out = folder / "decisions.parquet"
    command = [sys.executable, "-c", DECIDE, SAMPLE, out, seed, splits, first]
    own = os.environ | {"ADMATCH_CACHE": str(folder / "cache")} | environment
    subprocess.run([str(one) for one in command], check=True, env=own, capture_output=True)
    return pl.read_parquet(out).select(*KEY, "action", "chosen")


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


def main() -> None:
    """Measure, print, keep."""
    with tempfile.TemporaryDirectory() as made:
        folders = [Path(made) / str(number) for number in range(8)]
        for folder in folders:
            folder.mkdir()
        now = decided(folders[0])
        single = decided(folders[1], splits=1)
        rows = [
            compared("another seed", now, decided(folders[2], seed=OTHER)),
            compared("a processor without AVX-512", now, decided(folders[3], **PLAIN)),
            compared("other splits, one", single, decided(folders[4], splits=1, first=100)),
            compared("other splits, mean of four", now, decided(folders[5], first=100)),
        ]
    record("stability", "Decisions on the sample that differ", rows, SEED)


if __name__ == "__main__":
    main()
