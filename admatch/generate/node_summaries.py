"""Summaries of the products below the nodes of a large trie, by which search looks ahead."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from admatch.ids.codebooks import CHUNK, Codebooks, Codes
from admatch.ids.trie import Trie

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
    leaves: Tensor
    tokens: Tensor
    share: Tensor
    below: Tensor
    detail: Tensor
    spread: Tensor
    leaf_share: Tensor
    sketch: Tensor
    basis: Tensor

    def tables(self) -> dict[str, Tensor]:
        """Return the tables that ``from_tables`` restores the summaries from."""
        return {
            f"{TABLE}.{one.name}": torch.as_tensor(getattr(self, one.name)) for one in fields(self)
        }

    @staticmethod
    def are_in(tables: Mapping[str, Tensor]) -> bool:
        """Return whether ``from_tables`` can restore summaries from ``tables``."""
        return f"{TABLE}.depth" in tables

    @classmethod
    def from_tables(cls, tables: Mapping[str, Tensor]) -> "NodeSummaries":
        """Return the summaries that were saved as ``tables``."""
        columns = {one.name: tables[f"{TABLE}.{one.name}"] for one in fields(cls)}
        # An earlier admatch saved some in bfloat16.
        for name in ("below", "detail", "sketch"):
            columns[name] = columns[name].float()
        return cls(int(columns.pop("depth")), **columns)

    def to(self, device: torch.device) -> "NodeSummaries":
        """Return the summaries on a device."""
        return NodeSummaries.from_tables(
            {name: one.to(device) for name, one in self.tables().items()}
        )

    @classmethod
    def build(
        cls, codebooks: Codebooks, trie: Trie, codes: Codes, lengths: Tensor
    ) -> "NodeSummaries":
        """Return the summaries of products with these codes and ``lengths`` (n,) of vectors."""
        small = [len(level) <= NODES for level in trie.levels[1:-1]]
        depth = [*small, False].index(False)
        node_of_leaf, tokens = _descents(trie, depth)
        share, leaf = 1 / lengths, trie.leaf_of_item
        nodes = _Groups(node_of_leaf[leaf], share, len(trie.levels[depth]))
        books = zip(codes.detail.T, codebooks.detail, strict=True)
        detail = torch.cat([nodes.codes(column, len(book)) @ book for column, book in books], dim=1)
        levels = zip(codes.tree.T, codebooks.levels, strict=True)
        tree = [nodes.codes(column, len(book)) for column, book in levels]
        centre = detail + sum(a @ book for a, book in zip(tree, codebooks.levels, strict=True))
        leaves = _Groups(leaf, share, len(trie.leaves))
        basis = _directions(codebooks, codes, share, detail, nodes.group)
        sketch = _sketches(codebooks, codes, share / leaves.sizes[leaf], leaves, basis)
        return cls(
            depth=depth,
            leaves=torch.searchsorted(node_of_leaf, torch.arange(len(nodes.sizes) + 1)),
            tokens=tokens,
            share=nodes.shares(),
            below=torch.cat(tree[depth:], dim=1),
            detail=detail,
            spread=_best_of(nodes.sizes) * _deviation(centre),
            leaf_share=leaves.shares(),
            sketch=sketch.sub_((detail @ basis)[node_of_leaf]),
            basis=basis,
        )


@dataclass(frozen=True)
class _Groups:
    """Products by node: ``group`` (n,) of each, and its ``share``, 1 / length."""

    group: Tensor
    share: Tensor
    count: int

    @property
    def sizes(self) -> Tensor:
        return self.group.bincount(minlength=self.count)

    def shares(self) -> Tensor:
        """Return the mean share of each group."""
        return (self.group.bincount(self.share, self.count) / self.sizes).float()

    def codes(self, code: npt.NDArray[np.integer[Any]], size: int) -> Tensor:
        """Return, (groups, size), the sum of shares with each code over a group's size."""
        cell = self.group * size + torch.from_numpy(code.astype(np.int64))
        sums = cell.bincount(self.share, self.count * size).view(self.count, size)
        return (sums / self.sizes[:, None]).float()


def _descents(trie: Trie, depth: int) -> tuple[Tensor, Tensor]:
    """Return the node above each leaf at ``depth``, and the codes from there, (levels, leaves)."""
    node, tokens = torch.arange(len(trie.leaves)), []
    for level in reversed(trie.levels[depth + 1 :]):
        tokens.append(level.token[node].to(torch.int16))
        node = level.parent[node]
    return node, torch.stack(tokens[::-1])


def _best_of(sizes: Tensor) -> Tensor:
    """Return by how many deviations the best of that many is expected to exceed their mean."""
    return (2 * sizes.float().log()).sqrt()


def _deviation(centre: Tensor) -> Tensor:
    """Return the standard deviation of unit vectors from their mean (…, dim) in one direction."""
    return ((1 - centre.square().sum(1)).clamp(min=0) / centre.shape[1]).sqrt()


def _directions(
    codebooks: Codebooks, codes: Codes, share: Tensor, detail: Tensor, node: Tensor
) -> Tensor:
    """Return the directions, (dim, at most SKETCH), in which details differ most from a node's."""
    sample = torch.arange(0, len(share), math.ceil(len(share) / SAMPLE))
    decoded = codebooks.decode_detail(codes.detail[sample.numpy()]) * share[sample, None]
    differences = decoded - detail[node[sample]]
    axes: Tensor = torch.linalg.eigh(differences.T @ differences).eigenvectors
    return axes[:, -SKETCH:].contiguous()


def _sketches(
    codebooks: Codebooks, codes: Codes, weight: Tensor, leaves: _Groups, basis: Tensor
) -> Tensor:
    """Return the weighted sum of details in each leaf, along ``basis``."""
    spaces, size, width = codebooks.detail.shape
    table = torch.bmm(codebooks.detail, basis.view(spaces, width, -1)).flatten(0, 1)
    first = torch.arange(0, spaces * size, size)
    sketch = torch.zeros(leaves.count, basis.shape[1])
    for start in range(0, len(weight), CHUNK):
        part = slice(start, start + CHUNK)
        rows = torch.from_numpy(codes.detail[part]).to(torch.int64) + first
        decoded = embedding_bag(rows, table, mode="sum")
        sketch.index_add_(0, leaves.group[part], decoded * weight[part, None])
    return sketch
