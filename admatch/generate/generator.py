"""A catalog's IDs, ready to be generated from query vectors."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from array_api_compat import array_namespace

from admatch.arrays import AnyArray, Array
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
from admatch.operations import CPU, on, picked, rows, sums_of_codes, top
from admatch.threads import steady_numpy

# Up to this many products every leaf is scored, unless a beam is requested.
EXHAUSTIVE = 50_000
# Beyond that, a query enters 256 nodes, looks at 4,096 leaves below them and scores 2,048 products.
# That finds 95 % of the 50 best of 116,000 products; half of the leaves with 1,536 products find
# 92 % in three quarters of the time, with 768 products 87 % in six tenths; 1,024 nodes and twice
# the rest 98 % in twice the time. The final ranking of ``Retriever`` is the same.
BUDGET = SearchBudget(nodes=256, leaves=4096, products=2048)


@dataclass(frozen=True)
class Generated:
    """The best products of n queries, best first: numbers and scores, both (n, k).

    A score estimates the cosine from IDs alone; minus infinity pads where there are fewer than k.
    """

    items: Array
    scores: Array


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
        tables: Mapping[str, AnyArray] | None = None,
    ) -> None:
        self.codebooks = codebooks
        self.codes = codes
        self.ids = np.column_stack([modalities, codes.tree])
        self._ids, self._detail = self.ids, codes.detail
        self._tables = tables or {}

    def to(self, device: str) -> "Generator":
        """Return the generator on a device: itself where that is the CPU."""
        return self if device == CPU else _OnDevice(self, device)

    def tables(self) -> dict[str, AnyArray]:
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
    def _lengths(self) -> Array:
        saved = self._tables.get("lengths")
        return self.codebooks.lengths(self.codes) if saved is None else saved

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def exhaustive(self) -> bool:
        """Whether the catalog is so small that every product is scored."""
        return len(self) <= EXHAUSTIVE

    @steady_numpy()
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
        return _best(
            items, (tree + self._detail_scores(scores, items)) / rows(self._lengths, items), k
        )

    def score_all(
        self, scores: CodeScores, modalities: Collection[Modality] = ALL_MODALITIES
    ) -> Array:
        """Return the score of every product, (n, products)."""
        leaves = score_leaves(self.trie, scores, modalities)
        every = array_namespace(leaves).take(leaves, self.trie.leaf_of_item, axis=1)
        every /= self._lengths
        every += scores.query @ self._decoded.T
        return every

    def score(self, scores: CodeScores, items: Array) -> Array:
        """Return the score of given products (n, k), whatever their modality: shape (n, k)."""
        paths = self.paths(items)
        total = self._detail_scores(scores, items)
        for depth, level in enumerate(scores.tree, 1):
            total += picked(level, paths[..., depth])
        return total / rows(self._lengths, items)

    def paths(self, items: Array) -> Array:
        """Return the IDs, (…, depth) int64, of given products (…)."""
        paths = rows(self._ids, items)
        xp = array_namespace(paths)
        return xp.astype(paths, xp.int64)

    def _detail_scores(self, scores: CodeScores, items: Array) -> Array:
        return sums_of_codes(scores.detail, self._detail, items)

    def _products_of(self, beam: Beam, room: int) -> tuple[Array, Array]:
        """Return the products in the beam's leaves, best leaf first, and their leaf's score.

        Both are (n, at most room): a leaf may hold hundreds of variations, so the last leaves
        that no longer fit are left out. They are padded with minus infinity.
        """
        index, owner, empty = members(beam.leaves, self.trie.leaves.children, room)
        tree = picked(beam.scores, owner)
        tree[empty] = -np.inf
        return rows(self.trie.items, index), tree

    @cached_property
    def _summaries(self) -> NodeSummaries:
        if NodeSummaries.are_in(self._tables):
            return NodeSummaries.from_tables(self._tables)
        return NodeSummaries.build(self.codebooks, self.trie, self.codes, self._lengths)

    @cached_property
    def _decoded(self) -> Array:
        # Divided by the whole vector's length here, so that scoring all products saves a pass.
        return self.codebooks.decode_detail(self.codes.detail) / self._lengths[:, None]


class _OnDevice(Generator):
    """A generator on another device: its tables are made on the CPU, and moved when used."""

    def __init__(self, original: Generator, device: str) -> None:
        super().__init__(original.codebooks, original.ids[:, 0], original.codes)
        self._original, self._device = original, device
        self._ids, self._detail = on(device, self.ids), on(device, self.codes.detail)

    @cached_property
    def trie(self) -> Trie:
        return self._original.trie.to(self._device)

    @cached_property
    def _lengths(self) -> Array:
        return on(self._device, self._original._lengths)

    @cached_property
    def _summaries(self) -> NodeSummaries:
        return self._original._summaries.to(self._device)

    @cached_property
    def _decoded(self) -> Array:
        return on(self._device, self._original._decoded)


def _best(items: Array | None, scores: Array, k: int) -> Generated:
    columns = top(scores, k)
    return Generated(columns if items is None else picked(items, columns), picked(scores, columns))
