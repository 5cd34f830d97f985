"""A catalog of one's own → a decoder that knows it, kept only if it finds more."""

from dataclasses import dataclass

import numpy as np
import torch

from admatch.generate.augment import REWRITES
from admatch.generate.decoder import Decoder
from admatch.generate.fit import Recipe, Targets, fit_decoder
from admatch.generate.generator import Generator
from admatch.match.universal import UniversalModel
from admatch.progress import Progress
from admatch.training.corpus import Corpus
from admatch.training.queries import Encode, pseudo_queries
from admatch.training.seeds import generated_rank

ROUNDS, AT_MOST = 10, 6_000  # pseudo-queries about each product, and in all: a minute to encode
HELD_OUT = 0.2  # share of the queries that judge
STEPS = 100


@dataclass(frozen=True)
class FineTuned:
    """A decoder, and the mean reciprocal rank of held-out queries' products with and without it.

    ``decoder`` is None where held-out queries did not improve: then nothing is to be kept.
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
    """Return a decoder trained on pseudo-queries about one catalog, from the model's own on.

    Codebooks, IDs and calibration stay what they are. ``generator`` has the corpus's IDs.
    """
    rng = np.random.default_rng(seed)
    rounds = np.tile(np.arange(len(corpus)), ROUNDS)
    about = rng.permutation(rounds)[:AT_MOST]
    queries = pseudo_queries(corpus, about, REWRITES, seed, encode)
    held_out = rng.random(len(queries.texts)) < HELD_OUT
    asked, seen = queries.rows(held_out), queries.rows(~held_out)
    vectors = torch.from_numpy(corpus.vectors)
    decoder = fit_decoder(
        Targets(model.codebooks, generator.codes, vectors),
        seen.examples(),
        Recipe(STEPS),
        seed,
        model.decoder,
        lambda done, total: progress("fine-tuning", done, total),
    )
    before, after = (generated_rank(one, generator, asked) for one in (model.decoder, decoder))
    return FineTuned(decoder if after > before else None, before, after)
