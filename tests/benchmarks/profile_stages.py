"""Where the time of match and recommend goes: ``python -m tests.benchmarks.profile_stages``.

Seconds by stage for so many distinct terms, each in two rows of a report, over so many products.
Catalogs are invented as in ``leaves``, with a stand-in for the encoder; what encoding terms costs
is measured on 512 real ones. Matching costs as much for each term, whatever their number, so it is
measured on ``HELD`` of them (fewer over a million products) and multiplied. What recommend does
after it hangs on the report alone: measured up to ``LARGEST`` terms over the smallest catalog, and
multiplied beyond; the linear programme of the best set grows faster than that.
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
from admatch.index.index import Index
from admatch.index.parts import Parts
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from tests.benchmarks.large_index import Stand, catalog_of
from tests.benchmarks.leaves import synthetic_vectors
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import shopper_terms

SEED, SAMPLE = 7, 512
TERMS, LARGEST = (1_000, 100_000, 1_000_000), 10_000
HELD = {100: 5_000, 10_000: 5_000, 1_000_000: 512}  # terms, by products
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
    terms = list(dict.fromkeys([*real, *(f"{one} {i}" for i, one in enumerate(real * 20))]))[:count]
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


def matching(products: int, model: UniversalModel, rng: np.random.Generator) -> dict[str, float]:
    """Return seconds a term by stage."""
    index, report = index_of(products, model, rng), report_of(HELD[products], rng)
    index.search(["garden hose"])
    with watched() as spent:
        whole, _ = seconds(lambda: index.match(report))
    spent["rest of match"] = whole - spent["whole retrieval"]
    return {stage: spent[stage] / HELD[products] for stage in (*STAGES, "rest of match")}


def deciding(model: UniversalModel, rng: np.random.Generator) -> dict[int, tuple[float, float]]:
    """Return seconds of fitting and of deciding by number of terms."""
    index, spent = index_of(min(HELD), model, rng), {}
    for terms in TERMS:
        held = min(terms, LARGEST)
        if held not in spent:
            report = report_of(held, rng)
            matches = index.match(report)
            fit, fitted = seconds(lambda r=report, m=matches: am.ImpactModel(seed=SEED).fit(r, m))
            decide, _ = seconds(
                lambda r=report, m=matches, f=fitted: am.recommend(r, m, f, target_acos=0.3)
            )
            spent[held] = fit, decide
            print(held, spent[held], flush=True)
        spent[terms] = tuple(terms / held * one for one in spent[held])
    return spent


def main() -> None:
    rng, model, rows = np.random.default_rng(SEED), UniversalModel.shipped(), []
    encoder = am.EnglishEncoder()
    encoder.encode_text(["hose"])
    sample = rng.choice(shopper_terms(), SAMPLE, replace=False).tolist()
    each = seconds(lambda: encoder.encode_text(sample))[0] / SAMPLE
    decided = deciding(model, rng)
    for products in HELD:
        spent = {"encoding": each} | matching(products, model, rng)
        for terms in TERMS:
            row = {"system": "match, recommend", "terms": terms, "products": products}
            row |= {stage: one * terms for stage, one in spent.items()}
            row |= dict(zip(("recommend: fit", "recommend: decide"), decided[terms], strict=True))
            rows.append(row)
            print(rows[-1], flush=True)
    title = f"seconds by stage; matching multiplied from {HELD}, deciding from {LARGEST:,} terms"
    record("profile_stages", title, rows, SEED)


if __name__ == "__main__":
    main()
