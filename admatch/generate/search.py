"""Code scores → IDs: search that can only walk the IDs of a trie."""

from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor

from admatch.generate.decoder import CodeScores
from admatch.ids.semantic_id import Modality
from admatch.ids.trie import Trie, TrieLevel

ALL_MODALITIES = tuple(Modality)
# Levels of up to this many nodes are scored whole: cheaper than following a beam, and no loss.
WHOLE_LEVEL = 4096


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
        reached = _score_level(reached, level, codes)
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
    reached = _modality_scores(scores, modalities)[:, trie.levels[0].token]
    whole = sum(len(level) <= WHOLE_LEVEL for level in trie.levels[1:])
    for level, codes in zip(trie.levels[1 : 1 + whole], scores.tree, strict=False):
        reached = _score_level(reached, level, codes)
    beam = _best(None, reached, width)
    steps = zip(trie.levels[whole:], trie.levels[whole + 1 :], scores.tree[whole:], strict=False)
    for above, level, codes in steps:
        beam = _best(*_expand(beam, above, level, codes), width)
    return beam


def _score_level(above: Tensor, level: TrieLevel, codes: Tensor) -> Tensor:
    """Return the score of every node of a level, (n, nodes), from those of the level above."""
    return above.index_select(1, level.parent).add_(codes.index_select(1, level.token))


def _modality_scores(scores: CodeScores, modalities: Collection[Modality]) -> Tensor:
    allowed = torch.full((len(scores.query), len(Modality)), -torch.inf)
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


def _best(nodes: Tensor | None, reached: Tensor, width: int) -> Beam:
    scores, place = reached.topk(min(width, reached.shape[1]))
    return Beam(place if nodes is None else nodes.gather(1, place), scores)
