"""A catalog's IDs, ready to be generated from query vectors."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from admatch.generate.decoder import CodeScores
from admatch.generate.search import ALL_MODALITIES, Beam, beam_search, score_leaves
from admatch.ids.codebooks import Codebooks, Codes
from admatch.ids.semantic_id import Modality
from admatch.ids.trie import Trie

# Up to this many products every leaf is scored, which loses nothing to a beam.
EXHAUSTIVE = 50_000
BEAM = 64


@dataclass(frozen=True)
class Generated:
    """The best products of n queries, best first: numbers and scores, both (n, k).

    A score estimates the cosine from IDs alone; minus infinity pads where there are fewer than k.
    """

    items: Tensor
    scores: Tensor


class Generator:
    """Generates products of one catalog from code scores.

    ``modalities`` (n,) int16 is each product's first code, ``codes`` its residual and detail codes.
    No vector is kept: a score is the sum along the ID, divided by the length of the vector that
    the ID stands for.
    """

    def __init__(
        self, codebooks: Codebooks, modalities: npt.NDArray[np.int16], codes: Codes
    ) -> None:
        self.codebooks = codebooks
        self.codes = codes
        self.ids = np.column_stack([modalities, codes.tree])
        self.trie = Trie.from_ids(self.ids)
        self._tree = torch.from_numpy(codes.tree.astype(np.int64))
        self._detail = torch.from_numpy(codes.detail)
        self._lengths = codebooks.lengths(codes)
        self._exhaustive = len(self.ids) <= EXHAUSTIVE
        if self._exhaustive:
            self._decoded = codebooks.decode_detail(codes.detail).bfloat16()

    def __len__(self) -> int:
        return len(self.ids)

    def generate(
        self, scores: CodeScores, k: int, modalities: Collection[Modality] = ALL_MODALITIES
    ) -> Generated:
        """Return the k best products of each query that have one of ``modalities``."""
        if self._exhaustive:
            return _best(None, self._score_all(scores, modalities), k)
        items, tree = self._products_of(beam_search(self.trie, scores, max(k, BEAM), modalities))
        return _best(items, (tree + self._detail_scores(scores, items)) / self._lengths[items], k)

    def score(self, scores: CodeScores, items: Tensor) -> Tensor:
        """Return the score of given products (n, k), whatever their modality: shape (n, k)."""
        tree = self._tree[items]
        steps = [level.gather(1, tree[..., t]) for t, level in enumerate(scores.tree)]
        total = torch.stack(steps).sum(0) + self._detail_scores(scores, items)
        return total / self._lengths[items]

    def _score_all(self, scores: CodeScores, modalities: Collection[Modality]) -> Tensor:
        leaves = score_leaves(self.trie, scores, modalities)
        detail = scores.detail.bfloat16() @ self._decoded.T
        return (leaves.index_select(1, self.trie.leaf_of_item) + detail) / self._lengths

    def _detail_scores(self, scores: CodeScores, items: Tensor) -> Tensor:
        books = self.codebooks.detail
        parts = scores.detail.view(len(scores.detail), len(books), -1)
        table = torch.einsum("qsd,scd->qsc", parts, books)
        codes = self._detail[items].to(torch.int64)
        return table.gather(2, codes.transpose(1, 2)).sum(1)

    def _products_of(self, beam: Beam) -> tuple[Tensor, Tensor]:
        """Return the products in the beam's leaves and their leaf's score, padded."""
        bounds = self.trie.leaves.children
        first, last = bounds[beam.leaves], bounds[beam.leaves + 1]
        place = first[..., None] + torch.arange(int((last - first).max()))
        tree = beam.scores[..., None].masked_fill(place >= last[..., None], -torch.inf)
        items = self.trie.items[place.clamp(max=len(self) - 1)]
        return items.flatten(1), tree.flatten(1)


def _best(items: Tensor | None, scores: Tensor, k: int) -> Generated:
    best, place = scores.topk(min(k, scores.shape[1]))
    return Generated(place if items is None else items.gather(1, place), best)
