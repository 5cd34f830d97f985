"""Codebooks and decoders of several seeds, each judged on products held out from all of them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from admatch.arrays import Ints
from admatch.generate.decoder import Decoder
from admatch.generate.fit import Recipe, Targets, fit_decoder
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codebooks
from admatch.ids.fit import fit_codebooks
from admatch.operations import top
from admatch.progress import Progress
from admatch.tables.atomic import replacing
from admatch.threads import steady_numpy
from admatch.training.corpus import Corpus
from admatch.training.queries import Queries

# The first code pools conversion evidence of whole accounts, so it stays coarse (32). With a detail
# byte for eight dimensions, the sizes of the finer levels hardly change the results.
SIZES = (32, 256, 256)
DETAIL_WIDTH = 8
FITTED_TO = 60_000  # vectors: more do not change the code vectors noticeably
DEEPEST = 50  # rank: a product found below it counts as not found


@dataclass(frozen=True)
class Figures:
    """Mean reciprocal rank of held-out queries' products among the held-out products.

    ``dense`` is that of exact search with the encoder's vectors; ``untrained`` and ``trained`` are
    those of IDs alone, with a decoder before and after its training. ``error`` is the mean squared
    distance of held-out vectors to what their codes stand for.
    """

    seed: int
    dense: float
    untrained: float
    trained: float
    error: float


@dataclass(frozen=True)
class Candidate:
    """The result of one seed; the decoder is the untrained one if training did not help."""

    codebooks: Codebooks
    decoder: Decoder
    figures: Figures


def fit_candidate(
    corpus: Corpus,
    examples: Queries,
    held_out: Corpus,
    queries: Queries,
    recipe: Recipe,
    seed: int,
    cache: Path,
    progress: Progress,
) -> Candidate:
    """Return the codebooks and decoder of a seed, fitted to a corpus and examples about it.

    Those that ``cache`` holds are read from there. ``queries`` are about ``held_out`` products.
    """
    folder = cache / f"seed-{seed}-{_key(corpus, examples, recipe)}"
    if folder.exists():
        return _load(folder)
    progress(f"codebooks, seed {seed}", 0, 1)
    chosen = np.random.default_rng(seed).permutation(len(corpus))[:FITTED_TO]
    dim = corpus.vectors.shape[1]
    codebooks = fit_codebooks(corpus.vectors[chosen], SIZES, dim // DETAIL_WIDTH, seed)
    progress(f"codebooks, seed {seed}", 1, 1)
    targets = Targets(codebooks, codebooks.encode(corpus.vectors), torch.from_numpy(corpus.vectors))
    decoder = fit_decoder(
        targets,
        examples.examples(),
        recipe,
        seed,
        progress=lambda done, total: progress(f"decoder, seed {seed}", done, total),
    )
    candidate = _judged(codebooks, decoder, held_out, queries, seed)
    with replacing(folder) as draft:
        draft.mkdir(parents=True)
        _save(candidate, draft)
    return candidate


def best_of(candidates: Sequence[Candidate]) -> Candidate:
    """Return the candidate that finds most of the held-out products."""
    return max(candidates, key=lambda one: max(one.figures.trained, one.figures.untrained))


def _judged(
    codebooks: Codebooks, decoder: Decoder, held_out: Corpus, queries: Queries, seed: int
) -> Candidate:
    codes = codebooks.encode(held_out.vectors)
    generator = Generator(codebooks, np.zeros(len(held_out), np.int16), codes)
    untrained = Decoder.untrained(codebooks)
    before, after = (generated_rank(one, generator, queries) for one in (untrained, decoder))
    best = top(queries.vectors @ held_out.vectors.T, DEEPEST)
    decoded = codebooks.decode_tree(codes.tree) + codebooks.decode_detail(codes.detail)
    error = ((decoded - held_out.vectors) ** 2).sum(1).mean()
    dense = reciprocal_rank(best, queries)
    figures = Figures(seed, dense, before, after, float(error))
    return Candidate(codebooks, decoder if after > before else untrained, figures)


@steady_numpy()
def generated_rank(decoder: Decoder, generator: Generator, queries: Queries) -> float:
    """Return the mean reciprocal rank of queries' products, generated from IDs alone."""
    blocks = np.array_split(queries.vectors, 1 + len(queries.texts) // 512)
    parts = [
        generator.generate(decoder(block), min(DEEPEST, len(generator))).items for block in blocks
    ]
    return reciprocal_rank(np.concat(parts), queries)


def reciprocal_rank(items: Ints, queries: Queries) -> float:
    """Return the mean reciprocal rank of queries' products in ``items`` (n, k), best first."""
    hits = items == queries.products[:, None]
    return float((hits / np.arange(1, items.shape[1] + 1)).sum(1).mean())


def _key(corpus: Corpus, examples: Queries, recipe: Recipe) -> str:
    digest = hashlib.sha256(repr((recipe, SIZES, DETAIL_WIDTH)).encode())
    for array in (corpus.vectors, examples.vectors, examples.products, examples.weights):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _save(candidate: Candidate, folder: Path) -> None:
    candidate.codebooks.save(folder / "codebooks.safetensors")
    candidate.decoder.save(folder / "decoder.safetensors")
    (folder / "figures.json").write_text(json.dumps(asdict(candidate.figures)))


def _load(folder: Path) -> Candidate:
    codebooks = Codebooks.load(folder / "codebooks.safetensors")
    decoder = Decoder.load(folder / "decoder.safetensors", codebooks)
    figures = Figures(**json.loads((folder / "figures.json").read_text()))
    return Candidate(codebooks, decoder, figures)
