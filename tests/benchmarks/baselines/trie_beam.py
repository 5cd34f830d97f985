"""Beam search of a ``PrefixDecoder`` over a catalog's trie: tokens that no product has are barred.

Scores are sums of log-probabilities of the whole softmax, not renormalised over allowed tokens, as
with GENIUS' ``prefix_allowed_tokens_fn`` and no length penalty.
"""

import torch
from torch import Tensor

from admatch.generate.search import members
from admatch.ids.trie import Trie
from tests.benchmarks.baselines.prefix_decoder import PrefixDecoder


@torch.inference_mode()
def generate(
    decoder: PrefixDecoder, trie: Trie, queries: Tensor, k: int, width: int = 50, batch: int = 32
) -> Tensor:
    """Return the k best products of each query, (n, k), best first; -1 where there are fewer."""
    tables = {name: torch.from_numpy(table) for name, table in trie.tables().items()}
    trie = Trie.from_tables(tables, len(trie.levels))
    parts = [
        _products(trie, *_beam(decoder, trie, part, width), k) for part in queries.split(batch)
    ]
    return torch.cat(parts)


def _beam(decoder: PrefixDecoder, trie: Trie, queries: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """Return leaves and their scores, both (n, at most width), best first."""
    chances, memories = decoder.start(queries)
    child = torch.arange(len(trie.levels[0])).expand(len(queries), -1)
    owner, barred = torch.zeros_like(child), torch.zeros_like(child, dtype=torch.bool)
    scores = torch.zeros(len(queries), 1)
    for depth, level in enumerate(trie.levels):
        token = level.token[child] + decoder.starts[depth]
        step = chances.flatten(1).gather(1, owner * chances.shape[-1] + token)
        reached = (scores.gather(1, owner) + step).masked_fill_(barred, -torch.inf)
        scores, place = reached.topk(min(width, reached.shape[1]))
        nodes, owners, token = (part.gather(1, place) for part in (child, owner, token))
        if depth + 1 < len(trie.levels):
            chances, memories = decoder.step(token, owners, depth, memories)
            child, owner, barred = members(nodes, level.children)
    return nodes, scores


def _products(trie: Trie, leaves: Tensor, scores: Tensor, k: int) -> Tensor:
    place, owner, empty = members(leaves, trie.leaves.children)
    empty |= scores.gather(1, owner) == -torch.inf
    found = trie.items[place].masked_fill_(empty, -1)
    # Seats that stay empty go last; the others keep the order of their leaves.
    first = empty.long().argsort(dim=1, stable=True)[:, :k]
    found = found.gather(1, first)
    return torch.nn.functional.pad(found, (0, k - found.shape[1]), value=-1)
