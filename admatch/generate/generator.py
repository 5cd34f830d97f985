"""A catalog's IDs, ready to be generated from query vectors."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from admatch.generate.decoder import CodeScores
from admatch.generate.node_summaries import NodeSummaries
from admatch.generate.search import (
    ALL_MODALITIES,
    Beam,
    SearchBudget,
    beam_search,
    look_ahead,
    members,
    score_leaves,
)
from admatch.ids.codebooks import Codebooks, Codes
from admatch.ids.semantic_id import Modality
from admatch.ids.trie import Trie

# Up to this many products every leaf is scored, unless a beam is requested.
EXHAUSTIVE = 50_000
# Beyond that, a query enters 256 nodes, looks at 2,048 leaves below them and scores 768 products.
# With 4,096 leaves and 2,048 products 95 % instead of 90 % of the 50 best of 126,000 are found, in
# twice the time, and the final ranking of ``Retriever`` is the same.
BUDGET = SearchBudget(nodes=256, leaves=2048, products=768)


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
    It holds no vectors: a score is the sum along the ID, divided by the length of the vector that
    the ID stands for. All other tables are computed when first used, or taken from ``tables``.
    """

    def __init__(
        self,
        codebooks: Codebooks,
        modalities: npt.NDArray[np.int16],
        codes: Codes,
        tables: Mapping[str, Tensor] | None = None,
    ) -> None:
        self.codebooks = codebooks
        self.codes = codes
        self.ids = np.column_stack([modalities, codes.tree])
        self._ids = torch.from_numpy(self.ids)
        self._detail = torch.from_numpy(codes.detail)
        self._tables = tables or {}

    def to(self, device: torch.device) -> "Generator":
        """Return the generator on a device: itself where that is the CPU."""
        return self if device.type == "cpu" else _OnDevice(self, device)

    def tables(self) -> dict[str, Tensor]:
        """Return all tables to be saved: 250 bytes a product, 30 for a small catalog."""
        summaries = {} if self.exhaustive else self._summaries.tables()
        return {"lengths": self._lengths} | self.trie.tables() | summaries

    @cached_property
    def trie(self) -> Trie:
        """The IDs as a trie."""
        if "trie.items" in self._tables:
            return Trie.from_tables(self._tables, self.ids.shape[1])
        return Trie.from_ids(self.ids)

    @cached_property
    def _lengths(self) -> Tensor:
        saved = self._tables.get("lengths")
        return self.codebooks.lengths(self.codes) if saved is None else saved

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def exhaustive(self) -> bool:
        """Whether the catalog is so small that every product is scored."""
        return len(self) <= EXHAUSTIVE

    def generate(
        self,
        scores: CodeScores,
        k: int,
        modalities: Collection[Modality] = ALL_MODALITIES,
        beam: int | None = None,
        budget: SearchBudget | None = None,
    ) -> Generated:
        """Return the k best products of each query that have one of ``modalities``.

        With ``beam``, so many prefixes are followed; with ``budget``, look-ahead is limited to it.
        By default every leaf of a small catalog is scored, and of a large one those that
        look-ahead finds.
        """
        if beam is not None:
            width = max(k, beam)
            leaves = beam_search(self.trie, scores, width, modalities)
            items, tree = self._products_of(leaves, room=2 * width)
        elif self.exhaustive and budget is None:
            return _best(None, self.score_all(scores, modalities), k)
        else:
            budget = budget or BUDGET
            leaves = look_ahead(self.trie, self._summaries, scores, budget, modalities)
            items, tree = self._products_of(leaves, room=max(budget.products, 2 * k))
        return _best(items, (tree + self._detail_scores(scores, items)) / self._lengths[items], k)

    def score_all(
        self, scores: CodeScores, modalities: Collection[Modality] = ALL_MODALITIES
    ) -> Tensor:
        """Return the score of every product, (n, products)."""
        leaves = score_leaves(self.trie, scores, modalities)
        tree = leaves.index_select(1, self.trie.leaf_of_item)
        return tree.div_(self._lengths).add_(scores.query @ self._decoded.T)

    def score(self, scores: CodeScores, items: Tensor) -> Tensor:
        """Return the score of given products (n, k), whatever their modality: shape (n, k)."""
        tree = self.paths(items)[..., 1:].unbind(-1)
        steps = [level.gather(1, code) for level, code in zip(scores.tree, tree, strict=True)]
        total = torch.stack(steps).sum(0) + self._detail_scores(scores, items)
        return total / self._lengths[items]

    def paths(self, items: Tensor) -> Tensor:
        """Return the IDs, (…, depth) int64, of given products (…)."""
        return self._ids[items].to(torch.int64)

    def _detail_scores(self, scores: CodeScores, items: Tensor) -> Tensor:
        # One look-up in the flattened tables of all queries is the fastest way in torch.
        n, spaces, size = scores.detail.shape
        codes = self._detail.index_select(0, items.flatten()).view(n, -1, spaces)
        index = codes.transpose(1, 2).contiguous().to(torch.int32)
        tables = torch.arange(0, n * spaces * size, size, dtype=torch.int32, device=index.device)
        index += tables.view(n, spaces, 1)
        parts = scores.detail.flatten().index_select(0, index.flatten())
        return parts.view(n, spaces, -1).sum(1)

    def _products_of(self, beam: Beam, room: int) -> tuple[Tensor, Tensor]:
        """Return the products in the beam's leaves, best leaf first, and their leaf's score.

        Both are (n, at most room): a leaf may hold hundreds of variations, so the last leaves
        that no longer fit are left out. They are padded with minus infinity.
        """
        index, owner, empty = members(beam.leaves, self.trie.leaves.children, room)
        tree = beam.scores.gather(1, owner).masked_fill_(empty, -torch.inf)
        return self.trie.items[index], tree

    @cached_property
    def _summaries(self) -> NodeSummaries:
        if NodeSummaries.are_in(self._tables):
            return NodeSummaries.from_tables(self._tables)
        return NodeSummaries.build(self.codebooks, self.trie, self.codes, self._lengths)

    @cached_property
    def _decoded(self) -> Tensor:
        # Divided by the whole vector's length here, so that scoring all products saves a pass.
        device = self._lengths.device
        decoded = self.codebooks.decode_detail(self.codes.detail).to(device)
        return decoded / self._lengths[:, None]


class _OnDevice(Generator):
    """A generator on another device: its tables are made on the CPU, and moved when used."""

    def __init__(self, original: Generator, device: torch.device) -> None:
        super().__init__(original.codebooks, original.ids[:, 0], original.codes)
        self._original, self._device = original, device
        self._ids, self._detail = self._ids.to(device), self._detail.to(device)

    @cached_property
    def trie(self) -> Trie:
        return self._original.trie.to(self._device)

    @cached_property
    def _lengths(self) -> Tensor:
        return self._original._lengths.to(self._device)

    @cached_property
    def _summaries(self) -> NodeSummaries:
        return self._original._summaries.to(self._device)


def _best(items: Tensor | None, scores: Tensor, k: int) -> Generated:
    best, index = scores.topk(min(k, scores.shape[1]))
    return Generated(index if items is None else items.gather(1, index), best)
