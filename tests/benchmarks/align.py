"""Fits the alignment of the multilingual model: ``python -m tests.benchmarks.align CACHE``.

One matrix turns terms towards what they mean. It learns from 1,074 shopper queries with the product
judged exact (ESCI, Apache-2.0), and from names of the same things in seven languages (Shopify's
taxonomy, MIT). A fifth of either is held out; the alignment is written only where both gain.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize

from admatch.encode.cached_texts import CachedTexts
from admatch.encode.multilingual import MultilingualEncoder
from admatch.match.alignment import Alignment
from admatch.match.universal import shipped_folder
from admatch.match.word_vectors import Encode
from tests.benchmarks.parallel_names import read_names
from tests.benchmarks.shared_data import esci_pairs
from tests.benchmarks.train_universal import MADE

SEED, STEPS, BATCH, RATE = 7, 200, 256, 2e-3
TEMPERATURE = 0.05
# How strongly the matrix is held to the identity. Held-out queries find their product at a mean
# reciprocal rank of .748 with .1 of it, .763 with this.
HELD = 10.0
TITLE = 200  # characters
HELD_OUT = 5  # one in so many

Pairs = tuple[Tensor, Tensor]  # vectors of terms and of what each of them means


def judged(encode: Encode) -> Pairs:
    """Return queries and the titles of their products."""
    found = esci_pairs()
    titles = [title[:TITLE] for title in found.products["title"]]
    meant = [titles[next(iter(grades))] for grades in found.grades]
    return torch.from_numpy(encode(found.queries)), torch.from_numpy(encode(meant))


def named(encode: Encode) -> list[Tensor]:
    """Return the names of the same things, in each language."""
    names = read_names().of.values()
    return [torch.from_numpy(encode([one.lower() for one in some])) for some in names]


def fit(pairs: Pairs, names: Sequence[Tensor], steps: int = STEPS) -> Alignment:
    """Return the alignment by which each term is nearest to what it means."""
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    start = torch.eye(pairs[0].shape[1])
    weights = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([weights], lr=RATE)
    for _ in range(steps):
        terms, others = (names[i] for i in rng.choice(len(names), 2, replace=False))
        loss = _loss(weights, *pairs) + _loss(weights, terms, others)
        loss = loss + HELD * (weights - start).square().sum() / len(start)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return Alignment(weights.detach().numpy())


def _loss(weights: Tensor, terms: Tensor, meant: Tensor) -> Tensor:
    some = torch.randperm(len(terms))[:BATCH]
    cosines = normalize(terms[some] @ weights, dim=1) @ meant[some].T / TEMPERATURE
    right = torch.arange(len(some))
    return cross_entropy(cosines, right) + cross_entropy(cosines.T, right)


def found_at(align: Alignment, terms: Tensor, meant: Tensor) -> float:
    """Return the mean reciprocal rank of what terms mean."""
    cosines = align(terms.numpy()) @ meant.numpy().T
    rank = 1 + (cosines > cosines.diagonal()[:, None]).sum(1)
    return float((1 / rank).mean())


def figures(align: Alignment, pairs: Pairs, names: Sequence[Tensor]) -> dict[str, float]:
    """Return how well queries find titles, and names in other languages the English ones."""
    others = [found_at(align, one, names[0]) for one in names[1:]]
    return {"queries": found_at(align, *pairs), "names": float(np.mean(others))}


def main(cache: Path) -> None:
    texts = CachedTexts(MultilingualEncoder(), cache, _tell)
    pairs, names = judged(texts.queries), named(texts.queries)
    held_out, held_names = (np.arange(len(one)) % HELD_OUT == 0 for one in (pairs[0], names[0]))
    learning = fit(tuple(one[~held_out] for one in pairs), [one[~held_names] for one in names])
    unseen = tuple(one[held_out] for one in pairs), [one[held_names] for one in names]
    before = figures(Alignment(np.eye(pairs[0].shape[1], dtype=np.float32)), *unseen)
    after = figures(learning, *unseen)
    print("held out, before and after:", before, after)
    if all(after[name] > before[name] for name in before):
        folder = shipped_folder(MADE["multilingual"][1])
        fit(pairs, names).save(folder)
        print(f"written to {folder}; now recalibrate --encoder multilingual")


def _tell(stage: str, done: int, total: int) -> None:
    print(f"{stage}: {done:,} of {total:,}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, nargs="?", default=Path(".cache"))
    main(parser.parse_args().cache)
