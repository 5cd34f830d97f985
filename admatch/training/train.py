"""Catalogs, judged pairs and real search terms → a model on disk."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from admatch.arrays import Mask
from admatch.catalog.records import Catalog
from admatch.encode.cached_texts import CachedTexts
from admatch.encode.image import FOLDER
from admatch.encode.protocol import Encoder
from admatch.errors import InputError
from admatch.generate.augment import REWRITES, Rewrite
from admatch.generate.fit import BATCH, Recipe
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codebooks, Codes
from admatch.match.advertisers import Listings
from admatch.match.calibrate import calibrate
from admatch.match.relevance import FEATURES, Logistic, RelevanceModel
from admatch.match.universal import UniversalModel
from admatch.messages import say
from admatch.progress import Progress, silent
from admatch.tables.atomic import replacing
from admatch.training.card import write_card
from admatch.training.corpus import Corpus, read_corpus
from admatch.training.fit_ranking import fit_ranking
from admatch.training.image_model import FittedImageModel, fit_image_model
from admatch.training.pairs import Pairs, read_pairs
from admatch.training.queries import Queries, judged_queries, pseudo_queries
from admatch.training.seeds import Candidate, best_of, fit_candidate

HELD_OUT = 20  # one product in twenty is held out, to judge the seeds
EACH = 10  # pseudo-queries about each product at most
JUDGING = 4_000  # pseudo-queries about held-out products, in all
LEAST = 60  # products: with fewer, no advertiser of 20 can be simulated
EXAMPLES = 120_000  # pseudo-queries about the other products, in all
STEPS, EPOCHS = 300, 10  # at most: a small corpus needs fewer steps
_NOTHING = Logistic((0.0,) * len(FEATURES), 0.0)
UNFITTED = RelevanceModel(_NOTHING, _NOTHING)


@dataclass(frozen=True)
class Material:
    """The material that a model is trained on.

    ``pairs`` is a file of judged pairs (query, product_id, grade) about the catalogs' products,
    ``terms`` are real search terms about anything; without them the queries of the pairs are used.
    ``notes`` are added to the model card: licences, limits.
    """

    catalogs: Mapping[str, Catalog]
    terms: Sequence[str]
    pairs: Path | None = None
    notes: str = ""


def train(
    material: Material,
    encoder: Encoder,
    out: Path,
    *,
    seeds: Sequence[int] = (7, 8, 9),
    cache: Path,
    rewrites: Mapping[Rewrite, float] = REWRITES,
    progress: Progress = silent,
) -> UniversalModel:
    """Return the best model of several seeds, and write it with its card into the folder ``out``.

    An image model is fitted to the products' pictures, and used if it finds held-out products
    better. Vectors and the result of each seed are cached in ``cache``, so that a stopped run can
    be resumed. The same material and seeds give the same model. It runs on a GPU where there is
    one. Raises InputError for too few products, or for pairs that name none of them.
    """
    texts = CachedTexts(encoder, cache, progress)
    corpus = read_corpus(material.catalogs.values(), texts)
    if len(corpus) < LEAST:
        raise InputError(say("training.too_few_products", products=len(corpus), least=LEAST))
    pairs = read_pairs(material.pairs, corpus.ids) if material.pairs else None
    best, figures = _best(corpus, pairs, texts, rewrites, seeds, cache, progress)
    terms = material.terms or (pairs.queries if pairs else ())
    codes = best.codebooks.encode(corpus.vectors)
    about = {
        "products": {name: len(catalog) for name, catalog in material.catalogs.items()},
        "terms": len(terms),
        "pairs": len(pairs) if pairs else 0,
        "seeds": figures,
        "seed": best.figures.seed,
    }
    model = _uncalibrated(encoder.name, best, codes, about)
    if pairs:
        ranking = fit_ranking(corpus, codes, pairs, model, texts.queries, progress)
        model = replace(model, ranking=ranking)
    rng = np.random.default_rng(best.figures.seed)
    relevance = _calibrated(corpus, codes, model, terms, texts, rewrites, rng, progress)
    frame = pl.concat([catalog.frame for catalog in material.catalogs.values()])
    image_model = fit_image_model(frame, corpus.vectors, texts, seeds[0], progress)
    if image_model:
        about["pictures"] = image_model.figures
    _save(replace(model, relevance=relevance, about=about), image_model, material.notes, out)
    return UniversalModel.load(out)


def _save(
    model: UniversalModel, image_model: FittedImageModel | None, notes: str, out: Path
) -> None:
    """Write the model and its card, with an image model that is better than the encoder's."""
    with replacing(out) as draft:
        draft.mkdir(parents=True)
        model.save(draft)
        if image_model and image_model.better:
            (draft / FOLDER).mkdir()
            image_model.projection.save(draft / FOLDER, image_model.figures)
        write_card(model, notes, draft)


def _best(
    corpus: Corpus,
    pairs: Pairs | None,
    texts: CachedTexts,
    rewrites: Mapping[Rewrite, float],
    seeds: Sequence[int],
    cache: Path,
    progress: Progress,
) -> tuple[Candidate, list[dict[str, float]]]:
    """Return the best seed's codebooks and decoder, and the figures of all seeds."""
    held_out = np.arange(len(corpus)) % HELD_OUT == 0
    learning, unseen = corpus.rows(~held_out), corpus.rows(held_out)
    rng = np.random.default_rng(seeds[0])
    about = rng.integers(0, len(learning), min(EXAMPLES, EACH * len(learning)))
    examples = pseudo_queries(learning, about, rewrites, seeds[0], texts.queries)
    about = rng.integers(0, len(unseen), min(JUDGING, EACH * len(unseen)))
    judging = pseudo_queries(unseen, about, rewrites, seeds[0] + 1, texts.queries)
    if pairs:
        judged = judged_queries(pairs, texts.queries)
        examples = _joined(examples, _within(judged, ~held_out))
        judging = _joined(judging, _within(judged, held_out))
    recipe = Recipe(min(STEPS, 1 + EPOCHS * len(examples.texts) // BATCH))
    candidates = [
        fit_candidate(learning, examples, unseen, judging, recipe, seed, cache, progress)
        for seed in seeds
    ]
    return best_of(candidates), [asdict(one.figures) for one in candidates]


def _within(queries: Queries, part: Mask) -> Queries:
    """Return the queries about one part of the corpus, their products numbered within it."""
    inside = queries.rows(part[queries.products])
    number = np.cumsum(part) - 1
    return Queries(inside.texts, inside.vectors, number[inside.products], inside.weights)


def _joined(one: Queries, other: Queries) -> Queries:
    columns = ("vectors", "products", "weights")
    return Queries(
        one.texts + other.texts,
        *(np.concatenate([getattr(one, name), getattr(other, name)]) for name in columns),
    )


def _calibrated(
    corpus: Corpus,
    codes: Codes,
    model: UniversalModel,
    terms: Sequence[str],
    texts: CachedTexts,
    rewrites: Mapping[Rewrite, float],
    rng: np.random.Generator,
    progress: Progress,
) -> RelevanceModel:
    """Return the relevance model of a universal model.

    Half of the products are the universe during calibration, the others are simulated advertisers'.
    """
    half = rng.random(len(corpus)) < 0.5
    draft = replace(model, universe=_generator(model.codebooks, codes.rows(half)))
    others = corpus.rows(~half)
    listings = Listings(
        [others.listing(product, rng) for product in range(len(others))],
        others.texts,
        others.vectors,
        codes.rows(~half),
    )
    report = partial(progress, "calibrating")
    return calibrate(draft, listings, terms, texts.queries, rewrites, rng, report)


def _uncalibrated(
    encoder: str, best: Candidate, universe: Codes, about: dict[str, object]
) -> UniversalModel:
    generator = _generator(best.codebooks, universe)
    return UniversalModel(encoder, best.codebooks, best.decoder, generator, UNFITTED, about)


def _generator(codebooks: Codebooks, codes: Codes) -> Generator:
    return Generator(codebooks, np.zeros(len(codes.tree), np.int16), codes)
