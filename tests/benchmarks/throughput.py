"""What matching costs beside encoding: ``python -m tests.benchmarks.throughput``.

A catalog of 10,000 invented products, 4,096 distinct terms. The encoder alone and the whole
``Index.match`` take turns in one run; the medians are compared, so the machine's speed cancels.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import polars as pl

import admatch as am
from admatch.pipeline import encode_in_order
from tests.benchmarks.record import record

SEED, PRODUCTS, TERMS, ROUNDS = 7, 10_000, 4_096, 5
KINDS = "hose lamp shelf kettle puzzle drill sofa scarf charger bottle tent knife mirror".split()
LOOKS = "red white oak steel small large folding garden kitchen travel kids vintage soft".split()
USES = "outdoor office camping baking sleeping cleaning storage parties gifts repair".split()
BRANDS = [f"{a}{b}" for a in ("nor", "vel", "kas", "tri") for b in ("da", "mo", "lux", "ped")]


def invented(rng: np.random.Generator, words: int) -> str:
    pools = (BRANDS, LOOKS, LOOKS, KINDS, USES, [f"{i} cm" for i in range(5, 200, 5)])
    chosen = sorted(rng.choice(len(pools), words, replace=False))
    return " ".join(str(rng.choice(pools[i])) for i in chosen)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    rng = np.random.default_rng(SEED)
    products = [am.Product(f"P{i}", invented(rng, 6)) for i in range(PRODUCTS)]
    terms = list({invented(rng, 2 + i % 3): None for i in range(4 * TERMS)})[:TERMS]
    encoder = am.SentenceEncoder()
    catalog = am.Catalog.from_products(products)
    indexing = seconds(lambda: am.Index.build(catalog, encoder=encoder))
    index = am.Index.build(catalog, encoder=encoder)
    cells = {"search_term": terms, "term_kind": [am.TermKind.KEYWORD.value] * len(terms)}
    report = am.SearchTermReport(pl.DataFrame(cells), (), am.Granularity.SUMMARY, 7)
    encode, whole = [], []
    for _ in range(ROUNDS):
        encode.append(seconds(lambda: encode_in_order(encoder, terms, "", lambda *_: None)))
        whole.append(seconds(lambda: index.match(report)))
    alone, together = statistics.median(encode), statistics.median(whole)
    share = [f"{(b - a) / a:.1%}" for a, b in zip(encode, whole, strict=True)]
    rows: list[dict[str, object]] = [
        {
            "system": "encoder alone",
            "terms a second": len(terms) / alone,
            "on top of encoding": "-",
        },
        {
            "system": "end to end, 10,000 products",
            "terms a second": len(terms) / together,
            "on top of encoding": f"{(together - alone) / alone:.1%} (rounds: {', '.join(share)})",
        },
        {
            "system": "indexing (products a second)",
            "terms a second": PRODUCTS / indexing,
            "on top of encoding": "-",
        },
    ]
    record("throughput", f"{len(terms)} terms, medians of {ROUNDS} rounds", rows, SEED)


if __name__ == "__main__":
    main()
