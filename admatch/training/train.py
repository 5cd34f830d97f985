"""From catalogs, judged pairs and real search terms to a model on disk."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.catalog.records import Catalog
from admatch.encode.cached_texts import CachedTexts
from admatch.encode.protocol import Encoder
from admatch.errors import InputError
from admatch.generate.augment import REWRITES, Rewrite
from admatch.generate.fit import BATCH, Recipe
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codebooks, Codes
from admatch.match.advertisers import Listings
from admatch.match.calibrate import calibrate
from admatch.match.relevance import FEATURES, Logistic, RelevanceModel
from admatch.match.universal import EYES, UniversalModel
from admatch.progress import Progress, silent
from admatch.tables.atomic import replacing
from admatch.training.card import write_card
from admatch.training.corpus import Corpus, read_corpus
from admatch.training.fit_ranking import fit_ranking
from admatch.training.image_model import Eyes, learn_eyes
from admatch.training.pairs import Pairs, read_pairs
from admatch.training.queries import Queries, judged_queries, pseudo_queries
from admatch.training.seeds import Candidate, best_of, fit_candidate

HELD_OUT = 20  # every so-manieth product is held out: what judges the seeds has seen none of them
EACH = 10  # pseudo-queries about each product at most
ASKED = 4_000  # of them about held-out products, in all
LEAST = 60  # products: with fewer, no advertiser of 20 can be simulated
EXAMPLES = 120_000  # about the others
STEPS, EPOCHS = 300, 10  # at most: a small corpus is seen often enough in fewer steps
_NOTHING = Logistic((0.0,) * len(FEATURES), 0.0)
UNFITTED = RelevanceModel(_NOTHING, _NOTHING)


@dataclass(frozen=True)
class Material:
    """What a model is made of.

    ``pairs`` is a file of judged pairs (query, product_id, grade) about the catalogs' products,
    ``terms`` are real search terms, whatever they are about; without them the queries of the
    pairs stand in. ``notes`` are taken into the model card: licences, limits.
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

    Products' pictures teach eyes of their own, kept where they tell held-out products better.
    Vectors, and what each seed made, are kept in ``cache``: a run that was stopped goes on where
    it was. Same material and seeds, same model. Runs on a GPU where there is one. Raises
    InputError where there are too few products or pairs that name none of them.
    """
    kept = CachedTexts(encoder, cache, progress)
    corpus = read_corpus(material.catalogs.values(), kept)
    if len(corpus) < LEAST:
        raise InputError(
            f"the catalogs hold {len(corpus)} products; a model needs at least {LEAST}"
        )
    pairs = read_pairs(material.pairs, corpus.ids) if material.pairs else None
    best, figures = _best(corpus, pairs, kept, rewrites, seeds, cache, progress)
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
        ranking = fit_ranking(corpus, codes, pairs, model, kept.queries, progress)
        model = replace(model, ranking=ranking)
    rng = np.random.default_rng(best.figures.seed)
    belonging = _belonging(corpus, codes, model, terms, kept, rewrites, rng, progress)
    frame = pl.concat([catalog.frame for catalog in material.catalogs.values()])
    eyes = learn_eyes(frame, corpus.vectors, kept, seeds[0], progress)
    if eyes:
        about["pictures"] = eyes.figures
    _save(replace(model, belonging=belonging, about=about), eyes, material.notes, out)
    return UniversalModel.load(out)


def _save(model: UniversalModel, eyes: Eyes | None, notes: str, out: Path) -> None:
    """Write the model, with eyes that see better than none, and its card."""
    with replacing(out) as draft:
        draft.mkdir(parents=True)
        model.save(draft)
        if eyes and eyes.better:
            (draft / EYES).mkdir()
            eyes.projection.save(draft / EYES, eyes.figures)
        write_card(model, notes, draft)


def _best(
    corpus: Corpus,
    pairs: Pairs | None,
    kept: CachedTexts,
    rewrites: Mapping[Rewrite, float],
    seeds: Sequence[int],
    cache: Path,
    progress: Progress,
) -> tuple[Candidate, list[dict[str, float]]]:
    """Return the best seed's codebooks and decoder, and the figures of all."""
    held_out = np.arange(len(corpus)) % HELD_OUT == 0
    seen, unseen = corpus.rows(~held_out), corpus.rows(held_out)
    rng = np.random.default_rng(seeds[0])
    about = rng.integers(0, len(seen), min(EXAMPLES, EACH * len(seen)))
    examples = pseudo_queries(seen, about, rewrites, seeds[0], kept.queries)
    about = rng.integers(0, len(unseen), min(ASKED, EACH * len(unseen)))
    asked = pseudo_queries(unseen, about, rewrites, seeds[0] + 1, kept.queries)
    if pairs:
        judged = judged_queries(pairs, kept.queries)
        examples = _joined(examples, _placed(judged, ~held_out))
        asked = _joined(asked, _placed(judged, held_out))
    recipe = Recipe(min(STEPS, 1 + EPOCHS * len(examples.texts) // BATCH))
    candidates = [
        fit_candidate(seen, examples, unseen, asked, recipe, seed, cache, progress)
        for seed in seeds
    ]
    return best_of(candidates), [asdict(one.figures) for one in candidates]


def _placed(queries: Queries, part: npt.NDArray[np.bool_]) -> Queries:
    """Return the queries about one part of the corpus, their products numbered within it."""
    inside = queries.rows(part[queries.products])
    place = np.cumsum(part) - 1
    return Queries(inside.texts, inside.vectors, place[inside.products], inside.weights)


def _joined(one: Queries, other: Queries) -> Queries:
    columns = ("vectors", "products", "weights")
    return Queries(
        one.texts + other.texts,
        *(np.concatenate([getattr(one, name), getattr(other, name)]) for name in columns),
    )


def _belonging(
    corpus: Corpus,
    codes: Codes,
    model: UniversalModel,
    terms: Sequence[str],
    kept: CachedTexts,
    rewrites: Mapping[Rewrite, float],
    rng: np.random.Generator,
    progress: Progress,
) -> RelevanceModel:
    """Return the calibration of a model.

    Half of the products serve as universe while calibrating on advertisers made of the others.
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
    told = partial(progress, "calibrating")
    return calibrate(draft, listings, terms, kept.queries, rewrites, rng, told)


def _uncalibrated(
    encoder: str, best: Candidate, universe: Codes, about: dict[str, object]
) -> UniversalModel:
    generator = _generator(best.codebooks, universe)
    return UniversalModel(encoder, best.codebooks, best.decoder, generator, UNFITTED, about)


def _generator(codebooks: Codebooks, codes: Codes) -> Generator:
    return Generator(codebooks, np.zeros(len(codes.tree), np.int16), codes)
