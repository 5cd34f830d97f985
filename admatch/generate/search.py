"""Code scores → IDs: search that can only walk the IDs of a trie."""

from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor

from admatch.generate.decoder import CodeScores
from admatch.ids.semantic_id import Modality
from admatch.ids.trie import Trie, TrieLevel

ALL_MODALITIES = tuple(Modality)


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
    reached = _modality_scores(scores, modalities)[:, trie.levels[0].token]
    for level, codes in zip(trie.levels[1:], scores.tree, strict=True):
        reached = reached.index_select(1, level.parent) + codes.index_select(1, level.token)
    return reached


def beam_search(
    trie: Trie,
    scores: CodeScores,
    width: int,
    modalities: Collection[Modality] = ALL_MODALITIES,
) -> Beam:
    """Return the best leaves that a beam of ``width`` prefixes finds.

    With a width of at least the leaves there are it equals ``score_leaves``, sorted.
    """
    root = _modality_scores(scores, modalities)[:, trie.levels[0].token]
    nodes = torch.arange(root.shape[1]).expand_as(root)
    beam = _best(nodes, root, width)
    for above, level, codes in zip(trie.levels, trie.levels[1:], scores.tree, strict=False):
        beam = _best(*_expand(beam, above, level, codes), width)
    return beam


def _modality_scores(scores: CodeScores, modalities: Collection[Modality]) -> Tensor:
    allowed = torch.full((len(scores.detail), len(Modality)), -torch.inf)
    allowed[:, list(modalities)] = 0.0
    return allowed


def _expand(beam: Beam, above: TrieLevel, level: TrieLevel, codes: Tensor) -> tuple[Tensor, Tensor]:
    """Return all children of the beam's nodes and their scores, padded with minus infinity."""
    first, last = above.children[beam.leaves], above.children[beam.leaves + 1]
    widest = int((last - first).max())
    child = first[..., None] + torch.arange(widest)
    real = child < last[..., None]
    child = child.clamp(max=len(level) - 1)
    step = codes.gather(1, level.token[child].flatten(1)).view_as(child)
    reached = torch.where(real, beam.scores[..., None] + step, -torch.inf)
    return child.flatten(1), reached.flatten(1)


def _best(nodes: Tensor, reached: Tensor, width: int) -> Beam:
    scores, place = reached.topk(min(width, reached.shape[1]))
    return Beam(nodes.gather(1, place), scores)
