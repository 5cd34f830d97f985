"""A catalog's IDs, ready to be generated from query vectors."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from admatch.encode.precision import scan_format
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

# Up to this many products every leaf is scored unless a beam is asked for.
EXHAUSTIVE = 50_000
# Beyond, a query enters 256 nodes, sees 2,048 leaves below them and scores 768 products. Seeing
# 4,096 and scoring 2,048 finds 95 % instead of 90 % of the 50 best of 126,000, for twice the
# time, and what ``Retriever`` makes of either is the same.
REACH = SearchBudget(nodes=256, leaves=2048, kept=768)


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
    the ID stands for. What else it needs is made when first used, or is among ``tables``.
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

    def on(self, place: torch.device) -> "Generator":
        """Return the same on a device: itself where that is the processor."""
        return self if place.type == "cpu" else _Moved(self, place)

    def tables(self) -> dict[str, Tensor]:
        """Return all that is made of the codes, to be kept: 250 bytes a product, 30 if few."""
        outlook = {} if self.exhaustive else self._outlook.tables()
        return {"lengths": self._lengths} | self.trie.tables() | outlook

    @cached_property
    def trie(self) -> Trie:
        """The IDs as a trie."""
        if "trie.items" in self._tables:
            return Trie.from_tables(self._tables, self.ids.shape[1])
        return Trie.from_ids(self.ids)

    @cached_property
    def _lengths(self) -> Tensor:
        kept = self._tables.get("lengths")
        return self.codebooks.lengths(self.codes) if kept is None else kept

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def exhaustive(self) -> bool:
        """Whether so few that every product is scored."""
        return len(self) <= EXHAUSTIVE

    def generate(
        self,
        scores: CodeScores,
        k: int,
        modalities: Collection[Modality] = ALL_MODALITIES,
        beam: int | None = None,
        reach: SearchBudget | None = None,
    ) -> Generated:
        """Return the k best products of each query that have one of ``modalities``.

        ``beam`` prefixes are followed, or look-ahead goes as far as ``reach``; by default every
        leaf is scored where a catalog is small enough, else those that look-ahead finds.
        """
        if beam is not None:
            width = max(k, beam)
            found = beam_search(self.trie, scores, width, modalities)
            items, tree = self._products_of(found, room=2 * width)
        elif self.exhaustive and reach is None:
            return _best(None, self.score_all(scores, modalities), k)
        else:
            reach = reach or REACH
            found = look_ahead(self.trie, self._outlook, scores, reach, modalities)
            items, tree = self._products_of(found, room=max(reach.kept, 2 * k))
        return _best(items, (tree + self._detail_scores(scores, items)) / self._lengths[items], k)

    def score_all(
        self, scores: CodeScores, modalities: Collection[Modality] = ALL_MODALITIES
    ) -> Tensor:
        """Return the score of every product, (n, products): nothing is lost to a beam."""
        leaves = score_leaves(self.trie, scores, modalities)
        tree = leaves.index_select(1, self.trie.leaf_of_item)
        return tree.div_(self._lengths).add_(scores.query.to(self._decoded.dtype) @ self._decoded.T)

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
        # One look-up in all queries' tables laid flat is the fastest that torch has.
        n, spaces, size = scores.detail.shape
        codes = self._detail.index_select(0, items.flatten()).view(n, -1, spaces)
        places = codes.transpose(1, 2).contiguous().to(torch.int32)
        tables = torch.arange(0, n * spaces * size, size, dtype=torch.int32, device=places.device)
        places += tables.view(n, spaces, 1)
        found = scores.detail.flatten().index_select(0, places.flatten())
        return found.view(n, spaces, -1).sum(1)

    def _products_of(self, beam: Beam, room: int) -> tuple[Tensor, Tensor]:
        """Return the products in the beam's leaves, best leaf first, and their leaf's score.

        Both are (n, at most room): a leaf may hold hundreds of variations, so the last leaves
        that no longer fit are left out. Padded with minus infinity.
        """
        place, owner, empty = members(beam.leaves, self.trie.leaves.children, room)
        tree = beam.scores.gather(1, owner).masked_fill_(empty, -torch.inf)
        return self.trie.items[place], tree

    @cached_property
    def _outlook(self) -> NodeSummaries:
        if "outlook.depth" in self._tables:
            return NodeSummaries.from_tables(self._tables)
        return NodeSummaries.build(self.codebooks, self.trie, self.codes, self._lengths)

    @cached_property
    def _decoded(self) -> Tensor:
        # With their share of the length taken out, so that scoring all needs one pass less.
        place = self._lengths.device
        decoded = self.codebooks.decode_detail(self.codes.detail).to(place) / self._lengths[:, None]
        return decoded.to(scan_format(place.type))


class _Moved(Generator):
    """A generator on another device: its tables are made on the processor, and moved when used."""

    def __init__(self, original: Generator, place: torch.device) -> None:
        super().__init__(original.codebooks, original.ids[:, 0], original.codes)
        self._original, self._place = original, place
        self._ids, self._detail = self._ids.to(place), self._detail.to(place)

    @cached_property
    def trie(self) -> Trie:
        return self._original.trie.on(self._place)

    @cached_property
    def _lengths(self) -> Tensor:
        return self._original._lengths.to(self._place)

    @cached_property
    def _outlook(self) -> NodeSummaries:
        return self._original._outlook.on(self._place)


def _best(items: Tensor | None, scores: Tensor, k: int) -> Generated:
    best, place = scores.topk(min(k, scores.shape[1]))
    return Generated(place if items is None else items.gather(1, place), best)
