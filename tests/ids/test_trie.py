import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from admatch.ids.trie import Trie

id_arrays = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40
).map(lambda rows: np.array(rows, dtype=np.int16))


def children_by_scan(ids: np.ndarray, prefix: tuple[int, ...]) -> list[int]:
    """The slow way: the codes that follow a prefix, by looking at every product."""
    depth = len(prefix)
    return sorted({int(row[depth]) for row in ids if tuple(row[:depth]) == prefix})


def walk(trie: Trie, depth: int, node: int, prefix: tuple[int, ...], found: dict):
    level = trie.levels[depth]
    path = (*prefix, int(level.token[node]))
    first, last = int(level.children[node]), int(level.children[node + 1])
    if depth + 1 == len(trie.levels):
        found[path] = trie.items[first:last].tolist()
        return
    below = trie.levels[depth + 1]
    found[path] = below.token[first:last].tolist()
    assert (below.parent[first:last] == node).all()
    for child in range(first, last):
        walk(trie, depth + 1, child, path, found)


@given(id_arrays)
def test_the_trie_holds_what_a_scan_of_all_ids_finds(ids):
    trie, found = Trie.from_ids(ids), {}
    for root in range(len(trie.levels[0])):
        walk(trie, 0, root, (), found)
    depth = ids.shape[1]
    for path, held in found.items():
        if len(path) < depth:
            assert held == children_by_scan(ids, path)
        else:
            assert held == [i for i, row in enumerate(ids) if tuple(row) == path]
    assert {path for path in found if len(path) == depth} == {tuple(row) for row in ids.tolist()}


@given(id_arrays)
def test_every_product_leads_to_its_leaf_and_back(ids):
    trie = Trie.from_ids(ids)
    np.testing.assert_array_equal(trie.paths(trie.leaf_of_item), ids)
    assert sorted(trie.items.tolist()) == list(range(len(ids)))


def test_products_of_one_leaf_keep_their_order():
    trie = Trie.from_ids(np.array([[0, 1], [0, 0], [0, 1], [0, 1]], dtype=np.int16))
    assert trie.items.tolist() == [1, 0, 2, 3]
    assert trie.leaves.children.tolist() == [0, 1, 4]
    assert trie.leaf_of_item.tolist() == [1, 0, 1, 1]
