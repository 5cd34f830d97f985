"""Summaries of the products below the nodes of a large trie, by which search looks ahead."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from admatch.arrays import Array, Floats32, Ints, Rows, Vectors
from admatch.ids.codebooks import CHUNK, Codebooks, Codes
from admatch.ids.trie import Trie
from admatch.operations import on
from admatch.threads import steady_numpy

# The deepest level with at most this many nodes is summarised: all are scored for every query.
NODES = 8192
# Dimensions of a leaf's sketch, which approximates its mean detail. Of the 50 best of 126,000
# products look-ahead finds 91 % without sketches, 95 % with 32 dimensions and 97 % with 64; of a
# million products 77, 86 and 90 %.
SKETCH = 64
SAMPLE = 20_000  # products that the directions of sketches are fitted to
TABLE = "outlook"  # the tables' prefix in an index on disk


@dataclass(frozen=True)
class NodeSummaries:
    """Mean scores of the products below each node of one level, and in each leaf.

    A product's score is linear in the scores of its codes, so a mean score is too. ``depth`` is
    the level; its node i holds the leaves ``leaves[i]:leaves[i+1]``, and ``tokens`` (levels below,
    leaves) are the codes on the paths from it to them. Of each node: ``share``, the mean of
    1 / length; ``below`` (nodes, codes of the levels below) and ``detail`` (nodes, dim), the mean
    codes of its products, each divided by the product's length; ``spread``, by how much the best
    of its products is expected to exceed their mean. Of each leaf: ``leaf_share``; ``sketch``
    (leaves, ``SKETCH``), how its detail differs from its node's, along the columns of ``basis``.
    """

    depth: int
    leaves: Array
    tokens: Array
    share: Array
    below: Array
    detail: Array
    spread: Array
    leaf_share: Array
    sketch: Array
    basis: Array

    def tables(self) -> dict[str, Array]:
        """Return the tables that ``from_tables`` restores the summaries from."""
        return {f"{TABLE}.{one.name}": np.asarray(getattr(self, one.name)) for one in fields(self)}

    @staticmethod
    def are_in(tables: Mapping[str, Array]) -> bool:
        """Return whether ``from_tables`` can restore summaries from ``tables``."""
        return f"{TABLE}.depth" in tables

    @classmethod
    def from_tables(cls, tables: Mapping[str, Array]) -> "NodeSummaries":
        """Return the summaries that were saved as ``tables``."""
        columns = {one.name: tables[f"{TABLE}.{one.name}"] for one in fields(cls)}
        return cls(int(columns.pop("depth")), **columns)

    def to(self, device: str) -> "NodeSummaries":
        """Return the summaries on a device."""
        moved = {name: on(device, one) for name, one in self.tables().items()}
        return NodeSummaries.from_tables(moved)

    @classmethod
    def build(
        cls, codebooks: Codebooks, trie: Trie, codes: Codes, lengths: Floats32
    ) -> "NodeSummaries":
        """Return the summaries of products with these codes and ``lengths`` (n,) of vectors."""
        small = [len(level) <= NODES for level in trie.levels[1:-1]]
        depth = [*small, False].index(False)
        node_of_leaf, tokens = _descents(trie, depth)
        share, leaf = np.reciprocal(lengths), trie.leaf_of_item
        nodes = _Groups(node_of_leaf[leaf], share, len(trie.levels[depth]))
        books = zip(codes.detail.T, codebooks.detail, strict=True)
        detail = np.concat(
            [nodes.codes(column, len(book)) @ book for column, book in books], axis=1
        )
        levels = zip(codes.tree.T, codebooks.levels, strict=True)
        tree = [nodes.codes(column, len(book)) for column, book in levels]
        centre = detail + sum(a @ book for a, book in zip(tree, codebooks.levels, strict=True))
        leaves = _Groups(leaf, share, len(trie.leaves))
        basis = _directions(codebooks, codes, share, detail, nodes.group)
        sketch = _sketches(codebooks, codes, share, trie, basis)
        sketch /= leaves.sizes[:, None]
        sketch -= (detail @ basis)[node_of_leaf]
        return cls(
            depth=depth,
            leaves=np.searchsorted(node_of_leaf, np.arange(len(nodes.sizes) + 1)),
            tokens=tokens,
            share=nodes.shares(),
            below=np.concat(tree[depth:], axis=1),
            detail=detail,
            spread=_best_of(nodes.sizes) * _deviation(centre),
            leaf_share=leaves.shares(),
            sketch=sketch,
            basis=basis,
        )


@dataclass(frozen=True)
class _Groups:
    """Products by node: ``group`` (n,) of each, and its ``share``, 1 / length."""

    group: Ints
    share: Floats32
    count: int

    @cached_property
    def sizes(self) -> Rows:
        return np.bincount(self.group, minlength=self.count)

    def shares(self) -> Floats32:
        """Return the mean share of each group."""
        sums = np.bincount(self.group, self.share, self.count)
        return (sums / self.sizes).astype(np.float32)

    def codes(self, code: npt.NDArray[np.integer[Any]], size: int) -> Floats32:
        """Return, (groups, size), the sum of shares with each code over a group's size."""
        sums = np.bincount(self.group * size + code, self.share, self.count * size)
        return (sums.reshape(self.count, size) / self.sizes[:, None]).astype(np.float32)


def _descents(trie: Trie, depth: int) -> tuple[Ints, npt.NDArray[np.int16]]:
    """Return the node above each leaf at ``depth``, and the codes from there, (levels, leaves)."""
    node, tokens = np.arange(len(trie.leaves)), []
    for level in reversed(trie.levels[depth + 1 :]):
        tokens.append(level.token[node].astype(np.int16))
        node = level.parent[node]
    return node, np.stack(tokens[::-1])


def _best_of(sizes: Rows) -> Floats32:
    """Return by how many deviations the best of that many is expected to exceed their mean."""
    best: Floats32 = np.sqrt(2 * np.log(sizes.astype(np.float32)))
    return best


def _deviation(centre: Vectors) -> Floats32:
    """Return the standard deviation of unit vectors from their mean (…, dim) in one direction."""
    deviation: Floats32 = np.sqrt(np.maximum(1 - (centre**2).sum(1), 0) / centre.shape[1])
    return deviation


@steady_numpy()  # threads that wait for each other take fifty times as long for so small a matrix
def _directions(
    codebooks: Codebooks, codes: Codes, share: Floats32, detail: Vectors, node: Ints
) -> Vectors:
    """Return the directions, (dim, at most SKETCH), in which details differ most from a node's."""
    sample = slice(None, None, math.ceil(len(share) / SAMPLE))
    decoded = codebooks.decode_detail(codes.detail[sample]) * share[sample, None]
    differences = decoded - detail[node[sample]]
    axes = np.linalg.eigh(differences.T @ differences).eigenvectors
    return np.ascontiguousarray(axes[:, -SKETCH:])


def _sketches(
    codebooks: Codebooks, codes: Codes, share: Floats32, trie: Trie, basis: Vectors
) -> Vectors:
    """Return the sum of details in each leaf, each times its share, along ``basis``."""
    sketch = np.zeros((len(trie.leaves), basis.shape[1]), np.float32)
    for start in range(0, len(share), CHUNK):
        items = trie.items[start : start + CHUNK]  # in the order of their leaves
        decoded = (codebooks.decode_detail(codes.detail[items]) @ basis) * share[items, None]
        leaves, first = np.unique(trie.leaf_of_item[items], return_index=True)
        sketch[leaves] += np.add.reduceat(decoded, first, axis=0)
    return sketch
