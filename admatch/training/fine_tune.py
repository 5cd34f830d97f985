"""A user's catalog → a decoder tuned to it, used only if it finds more."""

from dataclasses import dataclass

import numpy as np
import torch

from admatch.generate.augment import REWRITES
from admatch.generate.decoder import Decoder
from admatch.generate.fit import Recipe, Targets, fit_decoder
from admatch.generate.generator import Generator
from admatch.match.universal import UniversalModel
from admatch.match.word_vectors import Encode
from admatch.progress import Progress
from admatch.training.corpus import Corpus
from admatch.training.queries import pseudo_queries
from admatch.training.seeds import generated_rank

ROUNDS, AT_MOST = 10, 6_000  # pseudo-queries about each product, and in all: a minute to encode
HELD_OUT = 0.2  # share of the queries that decide
STEPS = 100


@dataclass(frozen=True)
class FineTuned:
    """A decoder, and the mean reciprocal rank of held-out queries' products with and without it.

    ``decoder`` is None if the rank did not improve.
    """

    decoder: Decoder | None
    before: float
    after: float


def fine_tune(
    corpus: Corpus,
    generator: Generator,
    model: UniversalModel,
    encode: Encode,
    seed: int,
    progress: Progress,
) -> FineTuned:
    """Return the model's decoder after training on pseudo-queries about one catalog.

    Codebooks, IDs and calibration do not change. ``generator`` holds the corpus's IDs.
    """
    rng = np.random.default_rng(seed)
    rounds = np.tile(np.arange(len(corpus)), ROUNDS)
    about = rng.permutation(rounds)[:AT_MOST]
    queries = pseudo_queries(corpus, about, REWRITES, seed, encode)
    held_out = rng.random(len(queries.texts)) < HELD_OUT
    judging, learning = queries.rows(held_out), queries.rows(~held_out)
    vectors = torch.tensor(corpus.vectors)  # those of an index on disk are read-only
    decoder = fit_decoder(
        Targets(model.codebooks, generator.codes, vectors),
        learning.examples(),
        Recipe(STEPS),
        seed,
        model.decoder,
        lambda done, total: progress("fine-tuning", done, total),
    )
    before, after = (generated_rank(one, generator, judging) for one in (model.decoder, decoder))
    return FineTuned(decoder if after > before else None, before, after)
