"""Where the time of match and recommend goes: ``python -m tests.benchmarks.profile_stages``.

Seconds by stage for so many distinct terms, each in two rows of a report, over so many products.
Catalogs are invented as in ``leaves``, with a stand-in for the encoder; what encoding terms costs
is measured on 512 real ones and extrapolated, as it grows with their number alone.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import numpy as np
import polars as pl

import admatch as am
from admatch.encode.product_pictures import Pictured
from admatch.encode.product_text import product_texts
from admatch.generate.generator import Generator
from admatch.index_files import Parts
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from admatch.pipeline import Index
from tests.benchmarks.large_index import Stand, catalog_of
from tests.benchmarks.leaves import synthetic_vectors
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import shopper_terms

SEED, SAMPLE = 7, 512
TERMS, PRODUCTS, MOST = (1_000, 100_000), (100, 10_000, 100_000), 10_000
STAGES = {
    "words": [(WordEvidence, "covered"), (WordEvidence, "sought")],
    "ranking": [(Retriever, "_ranked")],
    "free decoding": [(UniversalModel, "decode_freely")],
    "whole retrieval": [(Retriever, "retrieve")],
}


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """Yield seconds by stage, counted while the block runs."""
    seconds: dict[str, float] = defaultdict(float)

    def timed(stage: str, work: Callable) -> Callable:
        def run(*args: object, **named: object) -> object:
            start = time.perf_counter()
            done = work(*args, **named)
            seconds[stage] += time.perf_counter() - start
            return done

        return run

    with ExitStack() as stack:
        for stage, methods in STAGES.items():
            for home, name in methods:
                stack.enter_context(patch.object(home, name, timed(stage, getattr(home, name))))
        yield seconds


def index_of(count: int, model: UniversalModel, rng: np.random.Generator) -> Index:
    catalog, vectors = catalog_of(count, rng), synthetic_vectors(model.universe, count, rng)
    words = WordEvidence.build(product_texts(catalog.frame), catalog.frame["title"].to_list())
    generator = Generator(
        model.codebooks, np.zeros(count, np.int16), model.codebooks.encode(vectors)
    )
    none = Pictured(np.empty(0, np.int64), np.empty((0, model.codebooks.dim), np.float32))
    return Index(Parts(catalog, Stand(model.encoder), model, vectors, generator, none, words))


def report_of(count: int, rng: np.random.Generator) -> am.SearchTermReport:
    real = shopper_terms()
    terms = list(dict.fromkeys([*real, *(f"{one} {i}" for i, one in enumerate(real * 9))]))[:count]
    from admatch.reports.records import REPORT_SCHEMA

    clicks = rng.integers(1, 20, 2 * count)
    told = {
        "search_term": terms * 2,
        "term_kind": "keyword",
        "row": np.arange(2, 2 * count + 2),
        "campaign": "A",
        "ad_group": [f"G{i}" for i in rng.integers(0, 20, 2 * count)],
        "currency": "USD",
        "impressions": clicks * 30,
        "clicks": clicks,
        "spend": clicks * 0.5,
        "orders": rng.binomial(clicks, 0.08),
        "sales": rng.binomial(clicks, 0.08) * 20.0,
    }
    frame = pl.DataFrame(told)
    missing = [
        pl.lit(None, kind).alias(name) for name, kind in REPORT_SCHEMA.items() if name not in told
    ]
    frame = frame.with_columns(missing).select(*REPORT_SCHEMA).cast(pl.Schema(REPORT_SCHEMA))
    return am.SearchTermReport(frame, (), am.Granularity.SUMMARY, 7)


def seconds(work: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    done = work()
    return time.perf_counter() - start, done


def main() -> None:
    rng, model, rows = np.random.default_rng(SEED), UniversalModel.shipped(), []
    encoder = am.SentenceEncoder()
    encoder.encode_text(["hose"])
    sample = rng.choice(shopper_terms(), SAMPLE, replace=False).tolist()
    each = seconds(lambda: encoder.encode_text(sample))[0] / SAMPLE
    for products in PRODUCTS:
        index = index_of(products, model, rng)
        index.search(["garden hose"])
        for terms in TERMS:
            held = min(terms, MOST)
            report, scale = report_of(held, rng), terms / held
            with watched() as spent:
                whole, matches = seconds(lambda r=report, i=index: i.match(r))
            row = {
                "system": "match",
                "terms": terms,
                "products": products,
                "encoding": each * terms,
            }
            row |= {stage: spent[stage] * scale for stage in STAGES}
            row["rest of match"] = (whole - spent["whole retrieval"]) * scale
            fit, decide = "-", "-"
            if terms == held:
                fit, fitted = seconds(
                    lambda r=report, m=matches: am.ImpactModel(seed=SEED).fit(r, m)
                )
                decide, _ = seconds(
                    lambda r=report, m=matches, f=fitted: am.recommend(r, m, f, target_acos=0.3)
                )
            rows.append(row | {"recommend: fit": fit, "recommend: decide": decide})
            print(rows[-1], flush=True)
    title = f"seconds by stage; more than {MOST:,} terms extrapolated from {MOST:,}"
    record("profile_stages", title, rows, SEED)


if __name__ == "__main__":
    main()
