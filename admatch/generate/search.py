"""Code scores → IDs: search that can only walk the IDs of a trie."""

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
# Levels of up to this many nodes are scored whole: cheaper than following a beam, and no loss.
WHOLE_LEVEL = 4096
BLOCK = 16  # scores looked at together when the best of many are sought


@dataclass(frozen=True)
class Beam:
    """The best leaves of n queries, best first: numbers and scores, both (n, width).

    Where fewer leaves are allowed than the beam is wide, the rest scores minus infinity.
    """

    leaves: Tensor
    scores: Tensor


def score_leaves(
    trie: Trie, scores: CodeScores, modalities: Collection[Modality] = ALL_MODALITIES
) -> Tensor:
    """Return the score of every leaf, (n, leaves): no beam, so no loss; for small catalogs.

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

    With a width of at least the leaves there are it equals ``score_leaves``, sorted.
    """
    whole = sum(len(level) <= WHOLE_LEVEL for level in trie.levels[1:])
    beam = _best(None, _score_down_to(whole, trie, scores, modalities), width)
    steps = zip(trie.levels[whole:], trie.levels[whole + 1 :], scores.tree[whole:], strict=False)
    for above, level, codes in steps:
        beam = _best(*_expand(beam, above, level, codes), width)
    return beam


@dataclass(frozen=True, slots=True)
class SearchBudget:
    """How far a query looks: ``nodes`` entered, ``leaves`` seen below them, ``kept`` of these."""

    nodes: int
    leaves: int
    kept: int


def look_ahead(
    trie: Trie,
    outlook: NodeSummaries,
    scores: CodeScores,
    reach: SearchBudget,
    modalities: Collection[Modality] = ALL_MODALITIES,
) -> Beam:
    """Return the most promising leaves below the most promising nodes, most promising first.

    The promise of a node or leaf is the score that its products are expected to have with their
    details, which a beam knows nothing of. With a reach of all there are it equals
    ``score_leaves``.
    """
    reached = _score_down_to(outlook.depth, trie, scores, modalities)
    below = outlook.scan_below(torch.cat(scores.tree[outlook.depth :], dim=1))
    detail = outlook.scan_detail(scores.query).float()
    promise = torch.addcmul(outlook.spread + detail, reached, outlook.share).add_(below)
    nodes = _in_order(promise, reach.nodes)
    leaves, owner, empty = members(nodes, outlook.leaves, reach.leaves)
    above = nodes.gather(1, owner)
    tree = reached.gather(1, above).masked_fill_(empty, -torch.inf)
    for token, codes in zip(outlook.tokens, scores.tree[outlook.depth :], strict=True):
        tree += codes.gather(1, _rows(token, leaves).to(torch.int64))
    sketched = (scores.query @ outlook.basis).to(outlook.sketch.dtype)[..., None]
    departure = torch.bmm(_rows(outlook.sketch, leaves), sketched)[..., 0]
    promise = torch.addcmul(detail.gather(1, above), tree, _rows(outlook.leaf_share, leaves))
    best = _in_order(promise.add_(departure), reach.kept)
    return Beam(leaves.gather(1, best), tree.gather(1, best))


def _rows(table: Tensor, numbers: Tensor) -> Tensor:
    """Return ``table[numbers]``, several times as fast."""
    return table.index_select(0, numbers.flatten()).view(*numbers.shape, *table.shape[1:])


def _score_down_to(
    depth: int, trie: Trie, scores: CodeScores, modalities: Collection[Modality]
) -> Tensor:
    """Return the score of every node of a level, (n, nodes)."""
    reached = _modality_scores(scores, modalities)[:, trie.levels[0].token]
    for level, codes in zip(trie.levels[1 : 1 + depth], scores.tree, strict=False):
        reached = _score_level(reached, level, codes)
    return reached


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

    Member numbers, the place of each one's node in its row, and which seats stay empty because
    other rows need more of them (member 0 sits there): all (n, seats).
    """
    first, last = _rows(bounds, nodes), _rows(bounds, nodes + 1)
    filled = (last - first).cumsum(1)
    needed = int(filled[:, -1].max())
    seats = needed if room is None else min(room, needed)
    # A seat's owner is the number of nodes that are seated before it, so all that end there.
    ends = filled.new_zeros(len(nodes), seats + 1)
    ends.scatter_add_(1, filled.clamp(max=seats), torch.ones_like(filled))
    owner = ends[:, :-1].cumsum(1)
    empty = owner == nodes.shape[1]
    owner = owner.masked_fill_(empty, nodes.shape[1] - 1)
    member = (last - filled).gather(1, owner) + torch.arange(seats, device=nodes.device)
    return member.masked_fill_(empty, 0), owner, empty


def _best(nodes: Tensor | None, reached: Tensor, width: int) -> Beam:
    places = best_places(reached, min(width, reached.shape[1]))
    scores, order = reached.gather(1, places).sort(dim=1, descending=True)
    places = places.gather(1, order)
    return Beam(places if nodes is None else nodes.gather(1, places), scores)


def best_places(scores: Tensor, k: int) -> Tensor:
    """Return the places, (n, k), of the k best scores of each row, in any order.

    The k best stand in the k blocks with the best heads, so most scores are only looked at once:
    four times as fast as ``topk`` over 10,000.
    """
    stride = scores.shape[1] // BLOCK
    if stride <= k:
        return scores.topk(k).indices
    whole = stride * BLOCK
    # A block is every stride-th score: maxima of neighbours are taken together, which is fastest.
    heads = scores[:, :whole].reshape(len(scores), BLOCK, stride).amax(1)
    within = torch.arange(BLOCK, device=scores.device)
    blocks = heads.topk(k).indices[..., None] + stride * within
    tail = torch.arange(whole, scores.shape[1], device=scores.device).expand(len(scores), -1)
    places = torch.cat([blocks.flatten(1), tail], dim=1)
    return places.gather(1, scores.gather(1, places).topk(k).indices)


def _in_order(scores: Tensor, k: int) -> Tensor:
    """Return the places, (n, at most k), of the k best scores of each row, best first.

    For many of a few thousand: on the processor NumPy partitions and sorts several times as fast
    as torch.
    """
    if scores.device.type != "cpu":
        return scores.topk(min(k, scores.shape[1])).indices
    every = scores.numpy()
    rest = max(0, every.shape[1] - k)
    places = np.argpartition(every, rest, axis=1)[:, rest:]
    order = np.argsort(-np.take_along_axis(every, places, axis=1), axis=1)
    return torch.from_numpy(np.take_along_axis(places, order, axis=1))
