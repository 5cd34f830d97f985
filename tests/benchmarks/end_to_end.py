"""A report from file to file: ``python -m tests.benchmarks.end_to_end [TERMS]``.

``admatch match`` against what a user would otherwise write (``baselines/user_script.py``:
sentence-transformers as it comes, faiss, pandas, openpyxl), each a process of its own from start to
end, in turns; seconds are medians of rounds. A catalog of 1,000 products, up to eight of those that
each of some queries was judged with; a report of three rows for each distinct term, these queries
and other shopper terms. admatch reads titles and texts
of the products; the script titles, or once each title and text. "Cold" begins with nothing kept,
"warm" with what the run before kept; "indexed" has an index, and the vectors of the terms but not
what they retrieve. Gain is nDCG@1 over the judged queries, of what stands in the files written.
Below: how long starting takes, as a ratio to importing torch; there nothing is kept but the index.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from tests.benchmarks.record import record
from tests.benchmarks.shared_data import Judged, crowdflower, shopper_terms

SEED, ROUNDS, PRODUCTS, JUDGED, TERMS, REPEATS, FEW = 7, 3, 1_000, 8, 2_000, 3, 100
ADMATCH = [sys.executable, "-c", "from admatch.cli.main import main; main()"]
SCRIPTED, SCRIPTED_TEXTS = "script over titles", "script over titles and texts"
SCRIPT = [sys.executable, "-m", "tests.benchmarks.baselines.user_script"]


def timed(command: Sequence[str], cache: Path) -> tuple[float, float]:
    """Return seconds and peak MiB of a command."""
    environment = os.environ | {"ADMATCH_CACHE": str(cache)}
    with tempfile.TemporaryFile() as told:
        start = time.perf_counter()
        running = subprocess.Popen(command, stdout=told, stderr=told, env=environment)
        _, status, used = os.wait4(running.pid, 0)
        seconds = time.perf_counter() - start
        if status:
            told.seek(0)
            raise RuntimeError(told.read().decode()[-2000:])
    return seconds, used.ru_maxrss / 2**10


def material(folder: Path, terms: int, rng: np.random.Generator) -> tuple[Judged, pl.DataFrame]:
    """Write catalog and reports; return the judged queries, and the catalog."""
    judged = crowdflower()
    order = rng.permutation(len(judged.queries)).tolist()
    products: dict[int, int] = {}
    asked, grades = [], []
    for query in order:
        some = rng.permutation(list(judged.grades[query]))[:JUDGED].tolist()
        new = [product for product in some if product not in products]
        if len(products) + len(new) > PRODUCTS:
            break
        products |= {product: row for row, product in enumerate(new, len(products))}
        asked.append(query)
        grades.append({products[product]: judged.grades[query][product] for product in some})
    chosen = judged.products[list(products)]
    catalog = chosen.select("title", "description").with_columns(
        product_id=pl.format("P{}", pl.int_range(pl.len()))
    )
    catalog.write_csv(folder / "catalog.csv")
    queries = [judged.queries[i] for i in asked]
    others = [term for term in shopper_terms() if term not in queries]
    every = [*queries, *rng.permutation(others)[: terms - len(queries)].tolist()]
    for name, part in (("report.csv", every * REPEATS), ("few.csv", every[:FEW])):
        clicks = rng.integers(1, 20, len(part))
        pl.DataFrame(
            {
                "Campaign Name": "A",
                "Ad Group Name": "B",
                "Customer Search Term": part,
                "Impressions": clicks * 30,
                "Clicks": clicks,
                "Spend": clicks * 0.5,
                "7 Day Total Sales": 0.0,
                "7 Day Total Orders (#)": 0,
            }
        ).write_csv(folder / name)
    return Judged(chosen, queries, grades), catalog


def gain(judged: Judged, first: dict[str, str | None]) -> float:
    """Return nDCG@1: what the first product of each judged query is worth beside the best."""
    worth = []
    for query, grades in zip(judged.queries, judged.grades, strict=True):
        best = 2.0 ** (max(grades.values()) - 1) - 1
        named = first.get(query)
        grade = grades.get(int(named[1:]), 1) if named else 1
        if best:
            worth.append((2.0 ** (grade - 1) - 1) / best)
    return float(np.mean(worth))


def gains(judged: Judged, folder: Path) -> dict[str, float]:
    """Return the gain of admatch's file and of the script's two, by system."""
    ours = pl.read_csv(folder / "ours" / "matches.csv", infer_schema=False)
    first = {"admatch": dict(ours.select("search_term", "product_id").iter_rows())}
    for name in (SCRIPTED, SCRIPTED_TEXTS):
        theirs = pl.read_excel(folder / f"{name}.xlsx")
        first[name] = dict(theirs.select("Customer Search Term", "product 1").iter_rows())
    return {name: gain(judged, found) for name, found in first.items()}


def main(terms: int) -> None:
    rng, rows = np.random.default_rng(SEED), []
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name), Path(name) / "cache"
        judged, _ = material(folder, terms, rng)
        catalog, report, few = (str(folder / f"{n}.csv") for n in ("catalog", "report", "few"))
        match = [*ADMATCH, "match", report, "--out", str(folder / "ours")]
        index = str(folder / "index")
        systems = {
            SCRIPTED: [*SCRIPT, catalog, report, str(folder / f"{SCRIPTED}.xlsx")],
            SCRIPTED_TEXTS: [
                *SCRIPT,
                catalog,
                report,
                str(folder / f"{SCRIPTED_TEXTS}.xlsx"),
                "texts",
            ],
            "admatch, cold": [*match, "--catalog", catalog],
            "admatch, warm": [*match, "--catalog", catalog],
            "admatch, indexed": [*match, "--index", index],
            "import torch": [sys.executable, "-c", "import torch"],
            "import admatch": [sys.executable, "-c", "import admatch"],
            "admatch --help": [*ADMATCH, "--help"],
            f"admatch match, {FEW} terms, indexed": [*ADMATCH, "match", few, "--index", index],
        }
        timed([*ADMATCH, "index", catalog, "--out", index], Path(os.devnull))
        alone = list(systems)[list(systems).index("import torch") :]
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in systems}
        for _ in range(ROUNDS):
            for system, command in systems.items():
                if "cold" in system:
                    shutil.rmtree(cache, ignore_errors=True)
                kept = Path(os.devnull) if system in alone else cache
                if "indexed" in system:
                    shutil.rmtree(cache / "matches", ignore_errors=True)
                taken[system].append(timed(command, kept))
                print(system, taken[system][-1], flush=True)
        worth = gains(judged, folder)
    for system, each in taken.items():
        seconds = statistics.median(second for second, _ in each)
        against = "import torch" if system in alone else SCRIPTED
        told = worth.get(system, worth["admatch"])
        ratio = statistics.median(b[0] / a[0] for a, b in zip(taken[against], each, strict=True))
        with_texts = statistics.median(
            a[0] / b[0] for a, b in zip(taken[SCRIPTED_TEXTS], each, strict=True)
        )
        rows.append(
            {
                "system": system,
                "seconds": seconds,
                "beside": against,
                "times its seconds": ratio,
                "times faster": 1 / ratio,
                "than with texts": "-" if system in alone else with_texts,
                "peak MiB": max(peak for _, peak in each),
                "nDCG@1": "-" if system in alone else told,
            }
        )
    title = (
        f"{terms:,} terms ({len(judged.queries)} judged), {PRODUCTS:,} products, {ROUNDS} rounds"
    )
    record("end_to_end" if terms == TERMS else f"end_to_end_{terms}", title, rows, SEED)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else TERMS)
