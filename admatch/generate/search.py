"""Code scores → IDs: search that can only follow the IDs of a trie."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from admatch.generate.decoder import CodeScores
from admatch.generate.node_summaries import NodeSummaries
from admatch.ids.semantic_id import Modality
from admatch.ids.trie import Trie, TrieLevel

ALL_MODALITIES = tuple(Modality)
# Levels of up to this many nodes are scored whole: it is cheaper than a beam and loses nothing.
WHOLE_LEVEL = 4096
BLOCK = 16  # scores compared together when the best of many are selected


@dataclass(frozen=True)
class Beam:
    """The best leaves of n queries, best first: numbers and scores, both (n, width).

    Where fewer leaves are allowed than the beam is wide, the others score minus infinity.
    """

    leaves: Tensor
    scores: Tensor


def score_leaves(
    trie: Trie, scores: CodeScores, modalities: Collection[Modality] = ALL_MODALITIES
) -> Tensor:
    """Return the score of every leaf, (n, leaves), for small catalogs.

    Leaves of other modalities score minus infinity.
    """
    return _score_down_to(len(trie.levels) - 1, trie, scores, modalities)


def beam_search(
    trie: Trie,
    scores: CodeScores,
    width: int,
    modalities: Collection[Modality] = ALL_MODALITIES,
) -> Beam:
    """Return the best leaves that a beam of ``width`` prefixes finds.

    With a width of at least the number of leaves it equals ``score_leaves``, sorted.
    """
    whole = sum(len(level) <= WHOLE_LEVEL for level in trie.levels[1:])
    beam = _best(None, _score_down_to(whole, trie, scores, modalities), width)
    steps = zip(trie.levels[whole:], trie.levels[whole + 1 :], scores.tree[whole:], strict=False)
    for above, level, codes in steps:
        beam = _best(*_expand(beam, above, level, codes), width)
    return beam


@dataclass(frozen=True, slots=True)
class SearchBudget:
    """The limits of a search: ``nodes`` entered, ``leaves`` compared, ``products`` scored."""

    nodes: int
    leaves: int
    products: int


def look_ahead(
    trie: Trie,
    summaries: NodeSummaries,
    scores: CodeScores,
    budget: SearchBudget,
    modalities: Collection[Modality] = ALL_MODALITIES,
) -> Beam:
    """Return the most promising leaves below the most promising nodes, most promising first.

    The promise of a node or leaf is the expected score of its products with their details, which a
    beam does not know. With a budget for everything it equals ``score_leaves``.
    """
    prefix = _score_down_to(summaries.depth, trie, scores, modalities)
    below = torch.cat(scores.tree[summaries.depth :], dim=1) @ summaries.below.T
    detail = scores.query @ summaries.detail.T
    promise = torch.addcmul(summaries.spread + detail, prefix, summaries.share).add_(below)
    nodes = _in_order(promise, budget.nodes)
    leaves, owner, empty = members(nodes, summaries.leaves, budget.leaves)
    above = nodes.gather(1, owner)
    tree = prefix.gather(1, above).masked_fill_(empty, -torch.inf)
    for token, codes in zip(summaries.tokens, scores.tree[summaries.depth :], strict=True):
        tree += codes.gather(1, _rows(token, leaves).to(torch.int64))
    projected = (scores.query @ summaries.basis)[..., None]
    difference = torch.bmm(_rows(summaries.sketch, leaves), projected)[..., 0]
    promise = torch.addcmul(detail.gather(1, above), tree, _rows(summaries.leaf_share, leaves))
    best = _in_order(promise.add_(difference), budget.products)
    return Beam(leaves.gather(1, best), tree.gather(1, best))


def _rows(table: Tensor, numbers: Tensor) -> Tensor:
    """Return ``table[numbers]``, but several times as fast."""
    return table.index_select(0, numbers.flatten()).view(*numbers.shape, *table.shape[1:])


def _score_down_to(
    depth: int, trie: Trie, scores: CodeScores, modalities: Collection[Modality]
) -> Tensor:
    """Return the score of every node of a level, (n, nodes)."""
    reached = _modality_scores(scores, modalities)[:, trie.levels[0].token]
    for level, codes in zip(trie.levels[1 : 1 + depth], scores.tree, strict=False):
        reached = _score_level(reached, level, codes)
    return reached  # the score along the path from the root to each node


def _score_level(above: Tensor, level: TrieLevel, codes: Tensor) -> Tensor:
    """Return the score of every node of a level, (n, nodes), from those of the level above."""
    return above.index_select(1, level.parent).add_(codes.index_select(1, level.token))


def _modality_scores(scores: CodeScores, modalities: Collection[Modality]) -> Tensor:
    allowed = torch.full((1, len(Modality)), -torch.inf)
    allowed[:, list(modalities)] = 0.0
    return allowed.to(scores.query.device).expand(len(scores.query), -1)


def _expand(beam: Beam, above: TrieLevel, level: TrieLevel, codes: Tensor) -> tuple[Tensor, Tensor]:
    """Return all children of the beam's nodes and their scores, padded with minus infinity."""
    child, owner, empty = members(beam.leaves, above.children)
    step = codes.gather(1, level.token[child])
    return child, (beam.scores.gather(1, owner) + step).masked_fill_(empty, -torch.inf)


def members(
    nodes: Tensor, bounds: Tensor, room: int | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the members of nodes (n, width), those of a row's nodes end to end, ``room`` at most.

    Three tensors (n, slots): member numbers, the column of each member's node, and which slots
    are empty because other rows need more of them (they hold member 0).
    """
    first, last = _rows(bounds, nodes), _rows(bounds, nodes + 1)
    filled = (last - first).cumsum(1)
    needed = int(filled[:, -1].max())
    slots = needed if room is None else min(room, needed)
    # The owner of a slot is the number of nodes whose members all stand before it.
    ends = filled.new_zeros(len(nodes), slots + 1)
    ends.scatter_add_(1, filled.clamp(max=slots), torch.ones_like(filled))
    owner = ends[:, :-1].cumsum(1)
    empty = owner == nodes.shape[1]
    owner = owner.masked_fill_(empty, nodes.shape[1] - 1)
    member = (last - filled).gather(1, owner) + torch.arange(slots, device=nodes.device)
    return member.masked_fill_(empty, 0), owner, empty


def _best(nodes: Tensor | None, reached: Tensor, width: int) -> Beam:
    columns = best_columns(reached, min(width, reached.shape[1]))
    scores, order = reached.gather(1, columns).sort(dim=1, descending=True)
    columns = columns.gather(1, order)
    return Beam(columns if nodes is None else nodes.gather(1, columns), scores)


def best_columns(scores: Tensor, k: int) -> Tensor:
    """Return the columns, (n, k), of the k best scores of each row, in any order.

    The k best scores are in the k blocks with the best maxima, so most scores are read only once:
    over 10,000 that is four times as fast as ``topk``.
    """
    stride = scores.shape[1] // BLOCK
    if stride <= k:
        return scores.topk(k).indices
    whole = stride * BLOCK
    # A block is every stride-th score, as maxima over the middle axis are computed fastest.
    maxima = scores[:, :whole].reshape(len(scores), BLOCK, stride).amax(1)
    within = torch.arange(BLOCK, device=scores.device)
    blocks = maxima.topk(k).indices[..., None] + stride * within
    tail = torch.arange(whole, scores.shape[1], device=scores.device).expand(len(scores), -1)
    columns = torch.cat([blocks.flatten(1), tail], dim=1)
    return columns.gather(1, scores.gather(1, columns).topk(k).indices)


def _in_order(scores: Tensor, k: int) -> Tensor:
    """Return the columns, (n, at most k), of the k best scores of each row, best first.

    It is meant for a large k among a few thousand scores: on the CPU, NumPy partitions and sorts
    them several times as fast as torch.
    """
    if scores.device.type != "cpu":
        return scores.topk(min(k, scores.shape[1])).indices
    every = scores.numpy()
    rest = max(0, every.shape[1] - k)
    columns = np.argpartition(every, rest, axis=1)[:, rest:]
    order = np.argsort(-np.take_along_axis(every, columns, axis=1), axis=1)
    return torch.from_numpy(np.take_along_axis(columns, order, axis=1))
