"""Misspelt terms, with and without correction: ``python -m tests.benchmarks.spelling``.

The sample's terms by kind: how many are called own, and of how many the first product is right.
Then how many of Amazon's shoppers' 1,074 queries are changed over 1,723 products that they are
about, and how many of those find their product first, or among the first ten.
"""

from pathlib import Path

import numpy as np
import polars as pl

import admatch as am
from admatch.catalog.records import Catalog
from admatch.encode.english import EnglishEncoder
from admatch.index.index import Index
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import SHARED, Judged, esci_pairs
from tests.benchmarks.train_universal import as_catalog

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
KINDS = ("relevant", "misspelt", "vague", "competitor", "off_catalog")


def without_correction(index: Index) -> Index:
    index.__dict__["_spelling"] = None
    return index


def of_sample(index: Index, terms: pl.DataFrame) -> dict[str, dict[str, float]]:
    found = [one[0] for one in index.search(terms["search_term"].to_list(), k=1)]
    pairs = zip(found, terms["product_ids"].fill_null(""), strict=True)
    judged = terms.with_columns(
        own=pl.Series([one.probability >= 0.5 for one in found]),
        right=pl.Series([one.product_id in ids for one, ids in pairs]),
    )
    rows = judged.group_by("kind").agg(pl.len(), pl.col("own", "right").mean())
    return {row["kind"]: row for row in rows.iter_rows(named=True)}


def of_queries(index: Index, judged: Judged, queries: list[int]) -> tuple[float, float]:
    found = index.search([judged.queries[i] for i in queries], k=10)
    ranks = []
    for one, query in zip(found, queries, strict=True):
        wanted = str(next(iter(judged.grades[query])))
        ranks.append(next((i for i, m in enumerate(one) if m.product_id == wanted), 10))
    return float(np.mean(np.array(ranks) == 0)), float(np.mean(np.array(ranks) < 10))


def main() -> None:
    truth = pl.read_csv(SAMPLE / "truth.csv").unique("search_term").sort("search_term")
    catalog = am.read_catalog(SAMPLE / "catalog.csv")
    corrected = of_sample(Index.build(catalog), truth)
    plain = of_sample(without_correction(Index.build(catalog)), truth)
    rows: list[dict[str, object]] = [
        {
            "terms": f"sample, {kind}",
            "number": corrected[kind]["len"],
            "own": plain[kind]["own"],
            "own, corrected": corrected[kind]["own"],
            "right": plain[kind]["right"],
            "right, corrected": corrected[kind]["right"],
        }
        for kind in KINDS
    ]
    if SHARED.is_dir():
        judged = esci_pairs()
        index = Index.build(Catalog(as_catalog(judged.products).frame), encoder=EnglishEncoder())
        changed = [
            i for i, text in enumerate(judged.queries) if index.spelt(text) != text.casefold()
        ]
        after = of_queries(index, judged, changed)
        before = of_queries(without_correction(index), judged, changed)
        row = {"terms": "Amazon's queries that are changed: first, first ten"}
        figures = (len(changed), before[0], after[0], before[1], after[1])
        names = ("number", "own", "own, corrected", "right", "right, corrected")
        rows.append(row | dict(zip(names, figures, strict=True)))
    record("spelling", "misspelt terms, with and without correction", rows, 0)


if __name__ == "__main__":
    main()
