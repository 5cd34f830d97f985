"""What a night costs: the first run over a year's reports, and one more day of them.

``python -m tests.benchmarks.nightly`` makes an account of 1,000,000 term-days (a row a term and
day), runs a job over it, adds a day in which 2 % of all terms are new, and runs it again; then one
job over 100 small accounts, with the memory after each. ``--rows`` and ``--accounts`` make it
smaller.
"""

import argparse
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from admatch.jobs.read import read_job
from admatch.jobs.run import run_job

from .record import record

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
FIRST, DAYS, NEW = date(2025, 1, 1), 365, 0.02
DAYS_A_TERM = 20  # term-days over terms: most terms are seen on few days
GROUPS = 50
SEED = 7


def make_terms(count, rng):
    """Return distinct terms: two words of product titles and some of a long tail."""
    titles = pl.read_csv(SAMPLE / "catalog.csv")["title"].to_list()
    words = sorted({word.lower() for title in titles for word in title.split() if word.isalpha()})
    tail = [f"{a}{b}" for a in words[:60] for b in ("box", "bag", "set", "mini", "max", "pro")]
    picks = rng.integers(0, len(words), (count, 2))
    more = rng.integers(0, len(tail), count)
    return [
        f"{words[a]} {words[b]} {tail[c]} {n % 97}"
        for n, ((a, b), c) in enumerate(zip(picks, more, strict=True))
    ]


def write_days(path, terms, rows, first, days, rng):
    """Write a daily console report with so many rows, popular terms on more days."""
    place = np.minimum((len(terms) * rng.random(rows) ** 1.5).astype(int), len(terms) - 1)
    place[: len(terms)] = np.arange(len(terms))  # every term at least once
    day = rng.integers(0, days, rows)
    clicks = 1 + rng.poisson(0.7, rows)
    rate = 0.02 + 0.16 * ((place * 7919) % 101) / 101
    orders = rng.binomial(clicks, rate)
    frame = pl.DataFrame(
        {
            "place": place, "day": day, "clicks": clicks, "orders": orders,
            "spend": np.round(clicks * 0.45, 2),
        }
    ).unique(["place", "day"], keep="first", maintain_order=True)  # fmt: skip
    group = pl.col("place") % GROUPS
    frame.select(
        pl.lit(first).dt.offset_by(pl.format("{}d", "day")).dt.to_string("%Y-%m-%d").alias("Date"),
        pl.lit("P").alias("Portfolio name"),
        pl.lit("USD").alias("Currency"),
        pl.format("Campaign {}", group // 5).alias("Campaign Name"),
        pl.format("Group {}", group).alias("Ad Group Name"),
        pl.format("target {}", group).alias("Targeting"),
        pl.lit("BROAD").alias("Match Type"),
        pl.Series("t", terms).gather(frame["place"]).alias("Customer Search Term"),
        (pl.col("clicks") * 25).alias("Impressions"),
        pl.col("clicks").alias("Clicks"),
        pl.col("spend").alias("Spend"),
        (pl.col("orders") * 9.9).round(2).alias("7 Day Total Sales "),
        pl.col("orders").alias("7 Day Total Orders (#)"),
        pl.col("orders").alias("7 Day Total Units (#)"),
    ).write_csv(path)
    return frame.height


def job_of(folder, names, text=""):
    path = folder / "job.toml"
    accounts = "".join(
        f'[[account]]\nname = "{name}"\nreports = "{name}/*.csv"\n' for name in names
    )
    usual = f'catalog = "{(SAMPLE / "catalog.csv").as_posix()}"\ntarget_acos = 0.3\n'
    path.write_text(f"[defaults]\n{usual}{text}{accounts}")
    return read_job(path)


def timed(job, day):
    """Return seconds by the clock and of all cores, and what was done."""
    began, busy = time.perf_counter(), time.process_time()
    told = run_job(job, day)
    wrong = [one for one in told if one["state"] != "done"]
    if wrong:
        sys.exit(f"not done: {wrong[0]}")
    return time.perf_counter() - began, time.process_time() - busy, told


def increment(folder, rows, rng):
    """Return seconds of the first run and of one more day, and what both did."""
    terms = make_terms(rows // DAYS_A_TERM, rng)
    (folder / "big").mkdir()
    stored = write_days(folder / "big" / "year.csv", terms, rows, FIRST, DAYS, rng)
    job = job_of(folder, ["big"], "outputs.html = true\n")
    first, busy, (told,) = timed(job, FIRST + timedelta(DAYS))
    fresh = make_terms(int(NEW * len(terms)), rng)
    fresh = [f"{term} new" for term in fresh]
    seen = [*fresh, *rng.choice(terms, rows // DAYS, replace=False).tolist()]
    write_days(folder / "big" / "day.csv", seen, len(seen), FIRST + timedelta(DAYS), 1, rng)
    again, still, (more,) = timed(job, FIRST + timedelta(DAYS + 1))
    return {
        "term_days": stored,
        "terms": told["terms"],
        "first_seconds": round(first, 1),
        "new_terms": more["new_terms"],
        "encoded": more["encoded"],
        "increment_seconds": round(again, 1),
        "share": round(again / first, 4),
        "share_of_processor_time": round(still / busy, 4),
        "fitted_on": more["fitted_on"],
    }


def many(folder, accounts, rng):
    """Return seconds and memory of one job over many accounts."""
    names = [f"account-{number}" for number in range(accounts)]
    for name in names:
        (folder / name).mkdir()
        terms = make_terms(150, rng)
        write_days(folder / name / "days.csv", terms, 600, FIRST, 45, rng)
    job, held = job_of(folder, names), []
    began = time.perf_counter()
    run_job(job, FIRST + timedelta(60), tell=lambda _: held.append(resident()))
    return {
        "accounts": accounts,
        "seconds": round(time.perf_counter() - began, 1),
        "megabytes_after_a_tenth": held[accounts // 10],
        "megabytes_at_the_end": held[-1],
    }


def resident():
    """Return the memory held now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 2**20)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=100)
    asked = parser.parse_args()
    rng = np.random.default_rng(SEED)
    if asked.rows:
        with tempfile.TemporaryDirectory() as folder:
            found = increment(Path(folder), asked.rows, rng)
            record("nightly_increment", "one more night against the first run", [found], SEED)
    if asked.accounts:
        with tempfile.TemporaryDirectory() as folder:
            found = many(Path(folder), asked.accounts, rng)
            record("nightly_accounts", "one job over many accounts", [found], SEED)


if __name__ == "__main__":
    main()
