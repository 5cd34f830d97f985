"""Code scores → IDs: search that can only follow the IDs of a trie."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from array_api_compat import array_namespace

from admatch.arrays import Array
from admatch.generate.decoder import CodeScores
from admatch.generate.node_summaries import NodeSummaries
from admatch.ids.semantic_id import Modality
from admatch.ids.trie import Trie, TrieLevel
from admatch.operations import beside, dots, picked, rows, top

ALL_MODALITIES = tuple(Modality)
# Levels of up to this many nodes are scored whole: it is cheaper than a beam and loses nothing.
WHOLE_LEVEL = 4096


@dataclass(frozen=True)
class Beam:
    """The best leaves of n queries, best first: numbers and scores, both (n, width).

    Where fewer leaves are allowed than the beam is wide, the others score minus infinity.
    """

    leaves: Array
    scores: Array


def score_leaves(
    trie: Trie, scores: CodeScores, modalities: Collection[Modality] = ALL_MODALITIES
) -> Array:
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
    deeper = scores.tree[summaries.depth :]
    below = array_namespace(prefix).concat(deeper, axis=1) @ summaries.below.T
    detail = scores.query @ summaries.detail.T
    promise = prefix * summaries.share
    for part in (summaries.spread, detail, below):
        promise += part
    nodes = top(promise, budget.nodes)
    leaves, owner, empty = members(nodes, summaries.leaves, budget.leaves)
    above = picked(nodes, owner)
    tree = picked(prefix, above)
    tree[empty] = -np.inf
    for token, codes in zip(summaries.tokens, deeper, strict=True):
        tree += picked(codes, rows(token, leaves))
    promise = tree * rows(summaries.leaf_share, leaves)
    promise += picked(detail, above)
    promise += dots(summaries.sketch, leaves, scores.query @ summaries.basis)
    best = top(promise, budget.products)
    return Beam(picked(leaves, best), picked(tree, best))


def _score_down_to(
    depth: int, trie: Trie, scores: CodeScores, modalities: Collection[Modality]
) -> Array:
    """Return the score of every node of a level, (n, nodes)."""
    allowed = _modality_scores(scores, modalities)
    reached = array_namespace(allowed).take(allowed, trie.levels[0].token, axis=1)
    for level, codes in zip(trie.levels[1 : 1 + depth], scores.tree, strict=False):
        reached = _score_level(reached, level, codes)
    return reached  # the score along the path from the root to each node


def _score_level(above: Array, level: TrieLevel, codes: Array) -> Array:
    """Return the score of every node of a level, (n, nodes), from those of the level above."""
    xp = array_namespace(above)
    reached = xp.take(above, level.parent, axis=1)
    reached += xp.take(codes, level.token, axis=1)
    return reached


def _modality_scores(scores: CodeScores, modalities: Collection[Modality]) -> Array:
    allowed = np.full(len(Modality), -np.inf, np.float32)
    allowed[list(modalities)] = 0.0
    xp = array_namespace(scores.query)
    return xp.broadcast_to(beside(allowed, scores.query), (len(scores.query), len(allowed)))


def _expand(beam: Beam, above: TrieLevel, level: TrieLevel, codes: Array) -> tuple[Array, Array]:
    """Return all children of the beam's nodes and their scores, padded with minus infinity."""
    child, owner, empty = members(beam.leaves, above.children)
    reached = picked(beam.scores, owner) + picked(codes, rows(level.token, child))
    reached[empty] = -np.inf
    return child, reached


def members(nodes: Array, bounds: Array, room: int | None = None) -> tuple[Array, Array, Array]:
    """Return the members of nodes (n, width), those of a row's nodes end to end, ``room`` at most.

    Three arrays (n, slots): member numbers, the column of each member's node, and which slots
    are empty because other rows need more of them (they hold member 0).
    """
    xp = array_namespace(nodes)
    first, last = rows(bounds, nodes), rows(bounds, nodes + 1)
    filled = xp.cumulative_sum(last - first, axis=1)
    needed = int(xp.max(filled[:, -1]))
    slots = needed if room is None else min(room, needed)
    # The owner of a slot is the number of nodes whose members all stand before it.
    ends = xp.where(filled > slots, slots, filled)
    ends += beside((slots + 1) * np.arange(len(nodes))[:, None], nodes)
    ends = xp.bincount(xp.reshape(ends, (-1,)), minlength=len(nodes) * (slots + 1))
    owner = xp.cumulative_sum(xp.reshape(ends, (len(nodes), -1))[:, :-1], axis=1)
    empty = owner == nodes.shape[1]
    owner[empty] = nodes.shape[1] - 1
    member = picked(last - filled, owner) + beside(np.arange(slots), nodes)
    member[empty] = 0
    return member, owner, empty


def _best(nodes: Array | None, reached: Array, width: int) -> Beam:
    columns = top(reached, width)
    return Beam(columns if nodes is None else picked(nodes, columns), picked(reached, columns))
