import numpy as np

from admatch.ids.codebooks import Codebooks, Codes
from admatch.ids.fit import fit_codebooks
from tests.conftest import random_codebooks, random_unit


def greedy_codes(vector: np.ndarray, books: Codebooks) -> tuple[list[int], list[int]]:
    """The slow way: each level's nearest code vector by looking at all of them."""
    rest, tree = vector, []
    for level in books.levels:
        tree.append(int(np.argmin([((rest - code) ** 2).sum() for code in level])))
        rest = rest - level[tree[-1]]
    parts = rest.reshape(len(books.detail), -1)
    detail = [
        int(np.argmin([((part - code) ** 2).sum() for code in book]))
        for part, book in zip(parts, books.detail, strict=True)
    ]
    return tree, detail


def test_encoding_equals_the_slow_way(codebooks):
    vectors = random_unit(30, seed=2)
    codes = codebooks.encode(vectors)
    for row, vector in enumerate(vectors):
        tree, detail = greedy_codes(vector, codebooks)
        assert codes.tree[row].tolist() == tree
        assert codes.detail[row].tolist() == detail


def test_lengths_are_those_of_the_decoded_vectors(codebooks):
    codes = codebooks.encode(random_unit(10, seed=3))
    decoded = codebooks.decode_tree(codes.tree) + codebooks.decode_detail(codes.detail)
    np.testing.assert_allclose(codebooks.lengths(codes), np.linalg.norm(decoded, axis=1), 1e-6)


def test_no_vectors_give_no_codes(codebooks):
    codes = codebooks.encode(np.empty((0, codebooks.dim), np.float32))
    assert codes.tree.shape == (0, 3)
    assert codes.detail.shape == (0, 4)
    assert len(codebooks.lengths(codes)) == 0


def test_fitting_finds_separate_groups_and_repeats_itself():
    centres = np.eye(16, dtype=np.float32)[:4]
    noise = np.random.default_rng(0).normal(scale=0.02, size=(400, 16)).astype(np.float32)
    vectors = np.repeat(centres, 100, axis=0) + noise
    books = fit_codebooks(vectors, (4, 8), subspaces=4, seed=5)
    first = books.encode(vectors).tree[:, 0].reshape(4, 100)
    assert all(len(set(group)) == 1 for group in first)
    assert len(set(first[:, 0])) == 4
    assert fit_codebooks(vectors, (4, 8), subspaces=4, seed=5).hash == books.hash


def test_each_level_and_the_detail_bring_the_sum_nearer():
    vectors = random_unit(2000, seed=4)
    books = fit_codebooks(vectors, (8, 16), subspaces=4, seed=1)
    codes = books.encode(vectors)
    coarse = books.levels[0][codes.tree[:, 0]]
    tree = books.decode_tree(codes.tree)
    whole = tree + books.decode_detail(codes.detail)
    errors = [((vectors - found) ** 2).sum() for found in (0, coarse, tree, whole)]
    assert errors == sorted(errors, reverse=True)


def test_other_code_vectors_have_another_hash():
    assert random_codebooks(1).hash != random_codebooks(2).hash
    assert random_codebooks(1).hash == random_codebooks(1).hash


def test_codes_keep_their_types(codebooks):
    codes = codebooks.encode(random_unit(3, seed=9))
    assert isinstance(codes, Codes)
    assert codes.tree.dtype == np.int16
    assert codes.detail.dtype == np.uint8
