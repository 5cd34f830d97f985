"""What each way of making queries is worth: ``python -m tests.benchmarks.augmentation [CACHE]``.

Decoders are trained on pseudo-queries about the products of the training catalogs, each with one
rewrite put to half of them, and asked to generate, from IDs alone and every leaf scored, products
of catalogs that were not trained on: 261 judged queries over 9,913 products, and 187 shopper
queries of Amazon over their own products among the same 9,913. The codebooks are the shipped ones.
Mean and standard deviation over three seeds of training.
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl
import torch

from admatch.encode.cached_texts import CachedTexts
from admatch.encode.english import EnglishEncoder
from admatch.encode.product_text import product_vectors
from admatch.generate.augment import REWRITES, translate
from admatch.generate.decoder import Decoder
from admatch.generate.fit import Recipe, Targets, fit_decoder
from admatch.generate.generator import Generator
from admatch.match.universal import UniversalModel
from admatch.training.corpus import read_corpus
from admatch.training.queries import pseudo_queries
from tests.benchmarks.record import record
from tests.benchmarks.retrieval import K, ndcg, recall
from tests.benchmarks.shared_data import SHARED, crowdflower, training_products
from tests.benchmarks.train_universal import as_catalog

SEEDS = (7, 8, 9)
QUERIES, STEPS = 12_000, 120
HALF = 0.5
PLAIN = Recipe(STEPS)
# What differs from plain pseudo-queries: the rewrites, and how the decoder is trained.
SETTINGS = {
    "plain: first words of titles": ({}, PLAIN),
    "no interpolation": ({}, Recipe(STEPS, mixed=0.0)),
    "interpolation always on": ({}, Recipe(STEPS, mixed=1.0)),
    "catalogs sampled from all kinds": ({}, Recipe(STEPS, kinds=32)),
    **{f"+ {rewrite.__name__}": ({rewrite: HALF}, PLAIN) for rewrite in (*REWRITES, translate)},
    "+ all as shipped": (REWRITES, PLAIN),
}


class Asked:
    """Judged queries over one catalog; says how well a decoder generates what they mean."""

    def __init__(self, encoder, model: UniversalModel, kept: CachedTexts) -> None:
        self.judged = crowdflower()
        exact = pl.read_csv(SHARED / "relevance/esci_200_pairs/esci.csv").filter(
            pl.col("esci_label").is_in(["Exact", "Substitute"])
        )
        amazon = exact.select(
            title="product_title",
            brand="product_brand",
            description="product_description",
            bullets=pl.lit(None, pl.List(pl.String)),
        )
        products = pl.concat([self.judged.products, amazon])
        vectors = product_vectors(products, lambda views: kept.encode(views, "encoding judged"))
        codes = model.codebooks.encode(vectors)
        one = len(self.judged.products)
        self.alone = Generator(model.codebooks, np.zeros(one, np.int16), _first(codes, one))
        self.both = Generator(model.codebooks, np.zeros(len(products), np.int16), codes)
        texts = self.judged.queries + exact["query"].to_list()
        queries = kept.encode(texts, "encoding judged")
        self.queries, self.amazon = np.split(queries, [len(self.judged.queries)])
        self.own = np.arange(one, len(products))

    def figures(self, decoder: Decoder) -> tuple[float, float, float, float]:
        found = self.alone.generate(decoder(self.queries), K).items
        among = self.both.generate(decoder(self.amazon), K).items
        hits = among == self.own[:, None]
        rank = (hits / np.arange(1, K + 1)).sum(1).mean()
        return (
            float(np.nanmean(ndcg(found, self.judged))),
            float(np.nanmean(recall(found, self.judged))),
            float(rank),
            float(hits.any(1).mean()),
        )


def _first(codes, count: int):
    return type(codes)(codes.tree[:count], codes.detail[:count])


def main(cache: Path) -> None:
    encoder, model = EnglishEncoder(), UniversalModel.shipped()
    kept = CachedTexts(encoder, cache, lambda stage, done, total: None)
    corpus = read_corpus(map(as_catalog, training_products().values()), kept)
    targets = Targets(
        model.codebooks, model.codebooks.encode(corpus.vectors), torch.from_numpy(corpus.vectors)
    )
    asked = Asked(encoder, model, kept)
    about = np.random.default_rng(SEEDS[0]).integers(0, len(corpus), QUERIES)
    figures = {"untrained": [asked.figures(Decoder.untrained(model.codebooks))]}
    for name, (rewrites, recipe) in SETTINGS.items():
        examples = pseudo_queries(corpus, about, rewrites, SEEDS[0], kept.queries).examples()
        decoders = (fit_decoder(targets, examples, recipe, seed) for seed in SEEDS)
        figures[name] = [asked.figures(decoder) for decoder in decoders]
        print(name, np.mean(figures[name], axis=0), flush=True)
    rows = [{"trained on": name} | _row(np.array(values)) for name, values in figures.items()]
    record("augmentation", f"from IDs alone, {len(SEEDS)} seeds of training", rows, SEEDS[0])


def _row(values: np.ndarray) -> dict[str, object]:
    names = ("nDCG@10", "recall@50", "Amazon: MRR", "Amazon: recall@50")
    cells: dict[str, object] = {}
    for name, column in zip(names, values.T, strict=True):
        cells[name] = float(column.mean())
        cells[f"± {name}"] = float(column.std(ddof=1)) if len(column) > 1 else 0.0
    return cells


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".cache"))
