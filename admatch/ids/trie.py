"""The IDs of a catalog as a trie in compressed sparse rows: the paths a decoder may take."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from array_api_compat import array_namespace

from admatch.arrays import Array, Ints, Rows, SemanticIds
from admatch.operations import on


@dataclass(frozen=True)
class TrieLevel:
    """All nodes of one depth, sorted by ID; node i has ``children[i]:children[i+1]``.

    ``token`` is the code that leads to a node, ``parent`` its parent's number one level up.
    On the last level ``children`` points into ``Trie.items``.
    """

    token: Array
    parent: Array
    children: Array

    def __len__(self) -> int:
        return len(self.token)


@dataclass(frozen=True)
class Trie:
    """The IDs of n products; nodes of the last level are leaves, each with a list of products.

    ``items`` are product numbers in the order of their leaves; ``leaf_of_item`` is the inverse.
    """

    levels: tuple[TrieLevel, ...]
    items: Array
    leaf_of_item: Array

    @classmethod
    def from_ids(cls, ids: SemanticIds) -> "Trie":
        """Return the trie of an ID array (n, depth), modality first."""
        order = np.lexsort(ids.T[::-1])  # stable: products of one leaf keep their order
        ordered = ids[order].astype(np.int64)
        changed = np.ones(ids.shape, dtype=bool)
        changed[1:] = np.logical_or.accumulate(ordered[1:] != ordered[:-1], axis=1)
        starts = [np.flatnonzero(column) for column in changed.T]
        node_of_row = [np.cumsum(column) - 1 for column in changed.T]
        levels = [
            TrieLevel(
                token=ordered[start, depth],
                parent=node_of_row[depth - 1][start] if depth else np.zeros_like(start),
                children=_children(starts, node_of_row, depth, len(ids)),
            )
            for depth, start in enumerate(starts)
        ]
        leaf_of_item = np.empty(len(ids), dtype=np.int64)
        leaf_of_item[order] = node_of_row[-1]
        return cls(tuple(levels), order, leaf_of_item)

    def tables(self) -> dict[str, Array]:
        """Return the tables that ``from_tables`` restores the trie from."""
        levels = {
            f"trie.{depth}.{name}": getattr(level, name)
            for depth, level in enumerate(self.levels)
            for name in ("token", "parent", "children")
        }
        return levels | {"trie.items": self.items, "trie.leaf_of_item": self.leaf_of_item}

    @classmethod
    def from_tables(cls, tables: Mapping[str, Array], depth: int) -> "Trie":
        """Return the trie of ``depth`` levels that was saved as ``tables``."""
        levels = (
            TrieLevel(*(tables[f"trie.{level}.{name}"] for name in ("token", "parent", "children")))
            for level in range(depth)
        )
        return cls(tuple(levels), tables["trie.items"], tables["trie.leaf_of_item"])

    def to(self, device: str) -> "Trie":
        """Return the trie on a device."""
        moved = {name: on(device, one) for name, one in self.tables().items()}
        return Trie.from_tables(moved, len(self.levels))

    @property
    def leaves(self) -> TrieLevel:
        """The last level."""
        return self.levels[-1]

    def paths(self, leaves: Array) -> Array:
        """Return the IDs, (…, depth), of leaf numbers (…)."""
        tokens, node = [], leaves
        for level in reversed(self.levels):
            tokens.append(level.token[node])
            node = level.parent[node]
        return array_namespace(leaves).stack(tokens[::-1], axis=-1)


def _children(starts: list[Rows], node_of_row: list[Rows], depth: int, rows: int) -> Ints:
    start = starts[depth]
    if depth + 1 == len(starts):
        return np.append(start, rows).astype(np.int64)
    below = node_of_row[depth + 1][start]
    return np.append(below, len(starts[depth + 1])).astype(np.int64)
