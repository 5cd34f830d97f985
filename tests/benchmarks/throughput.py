"""What matching costs beside encoding: ``python -m tests.benchmarks.throughput``.

A catalog of 10,000 invented products, 1,024 distinct terms. The encoder alone and the whole
``Index.match`` take turns in one run; each round gives a ratio, so the machine's speed cancels. On
one thread and on all.
"""

import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import torch

import admatch as am
from admatch.index.build import encode_in_order
from tests.benchmarks.record import record

SEED, PRODUCTS, TERMS, ROUNDS = 7, 10_000, 1_024, 31
ROOT = Path(__file__).parents[2]
SOURCES = ("data/sample/catalog.csv", "admatch/simulate/shopper_terms.toml")


def vocabulary(rng: np.random.Generator) -> np.ndarray:
    """Return English shop words, of which the first are to be the frequent ones."""
    text = " ".join((ROOT / source).read_text(encoding="utf-8") for source in SOURCES)
    return rng.permutation(sorted(set(re.findall(r"[a-z]{3,}", text.lower()))))


def invented(words: np.ndarray, length: int, rng: np.random.Generator) -> str:
    """Return a text whose words are as unevenly frequent as in real ones (Zipf)."""
    chance = 1 / np.arange(10, 10 + len(words))
    return " ".join(rng.choice(words, length, replace=False, p=chance / chance.sum()))


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    rng = np.random.default_rng(SEED)
    words = vocabulary(rng)
    products = [am.Product(f"P{i}", invented(words, 12, rng)) for i in range(PRODUCTS)]
    terms = list({invented(words, 2 + i % 3, rng): None for i in range(2 * TERMS)})[:TERMS]
    encoder = am.EnglishEncoder()
    catalog = am.Catalog.from_products(products)
    indexing = seconds(lambda: am.Index.build(catalog, encoder=encoder))
    index = am.Index.build(catalog, encoder=encoder)
    cells = {"search_term": terms, "term_kind": [am.TermKind.KEYWORD.value] * len(terms)}
    report = am.SearchTermReport(pl.DataFrame(cells), (), am.Granularity.SUMMARY, 7)
    every = torch.get_num_threads()
    rows = [
        row
        for threads in sorted({1, every})
        for row in measured(
            threads,
            lambda: encode_in_order(encoder, terms, "", lambda *_: None),
            lambda: index.match(report),
        )
    ]
    rows.append(
        {
            "system": "indexing (products a second)",
            "threads": every,
            "a second": PRODUCTS / indexing,
            "on top of encoding": "-",
        }
    )
    record("throughput", f"{len(terms)} terms, medians of {ROUNDS} rounds", rows, SEED)


def measured(
    threads: int, encoding: Callable[[], object], matching: Callable[[], object]
) -> list[dict[str, object]]:
    """Return the rows of the encoder alone and of all, on so many threads."""
    torch.set_num_threads(threads)
    encode, whole = [], []
    for _ in range(ROUNDS):
        encode.append(seconds(encoding))
        whole.append(seconds(matching))
    low, middle, high = statistics.quantiles(
        [(b - a) / a for a, b in zip(encode, whole, strict=True)], n=4
    )
    return [
        {
            "system": "encoder alone",
            "threads": threads,
            "a second": TERMS / statistics.median(encode),
            "on top of encoding": "-",
        },
        {
            "system": "end to end, 10,000 products",
            "threads": threads,
            "a second": TERMS / statistics.median(whole),
            "on top of encoding": f"{middle:.1%} (half of the rounds: {low:.1%} … {high:.1%})",
        },
    ]


if __name__ == "__main__":
    main()
