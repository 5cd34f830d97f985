"""Queries that share no word with titles, on which the multilingual calibration was chosen.

``paraphrases.csv`` has 48 things in six languages, none of which is in ``languages.csv``: that one
measures only. Printed by ``python -m tests.benchmarks.recalibrate --encoder multilingual``.
"""

from pathlib import Path

import numpy as np
import polars as pl

from admatch.arrays import Floats, Mask
from admatch.generate.augment import Listing
from admatch.match.advertisers import Advertiser, Listings, Market
from admatch.match.universal import UniversalModel
from admatch.match.word_vectors import Encode

SEED, ADVERTISERS = 7, 3  # for each pair of languages, each sells half of the things


def table(model: UniversalModel, encode: Encode) -> pl.DataFrame:
    """Return the shares of own terms found and of others refused, by language."""
    things = pl.read_csv(Path(__file__).with_suffix(".csv"))
    titles, queries = (things.filter(kind=kind).drop("kind") for kind in ("title", "query"))
    rows = []
    for terms in titles.columns:
        for sold_in in dict.fromkeys((terms, "en")):
            probability, own = _asked(model, titles[sold_in], queries[terms], encode)
            found, refused = probability[own] >= 0.5, probability[~own] < 0.5
            rows.append((f"{terms} terms, {sold_in} titles", found.mean(), refused.mean()))
    return pl.DataFrame(rows, schema=["things", "own found", "others refused"], orient="row")


def _asked(
    model: UniversalModel, titles: pl.Series, queries: pl.Series, encode: Encode
) -> tuple[Floats, Mask]:
    rng, found, truth = np.random.default_rng(SEED), [], []
    for _ in range(ADVERTISERS):
        sold = rng.permutation(len(titles)) < len(titles) // 2
        made = titles.filter(sold).to_list()
        vectors = encode(made)
        codes = model.codebooks.encode(vectors)
        listings = Listings([Listing(one) for one in made], made, vectors, codes)
        every = np.arange(len(made))
        market = Market(every, every[:0], every[:0])
        terms = queries.str.to_lowercase().to_list()
        retriever = Advertiser(model, listings, market, encode).retriever
        found.append(retriever.retrieve(terms, encode(terms), 1).probability[:, 0])
        truth.append(sold)
    return np.concatenate(found), np.concatenate(truth)
