import numpy as np
import torch

from admatch.ids.codebooks import Codebooks, Codes
from admatch.ids.fit import fit_codebooks
from tests.conftest import random_codebooks, random_unit


def greedy_codes(vector: np.ndarray, books: Codebooks) -> tuple[list[int], list[int]]:
    """The slow way: each level's nearest code vector by looking at all of them."""
    rest, tree = torch.from_numpy(vector), []
    for level in books.levels:
        tree.append(int(torch.stack([(rest - code).square().sum() for code in level]).argmin()))
        rest = rest - level[tree[-1]]
    parts = rest.view(len(books.detail), -1)
    detail = [
        int(torch.stack([(part - code).square().sum() for code in book]).argmin())
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
    torch.testing.assert_close(codebooks.lengths(codes), decoded.norm(dim=1))


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
    target = torch.from_numpy(vectors)
    coarse = (target - books.levels[0][codes.tree[:, 0].astype(np.int64)]).square().sum()
    tree = books.decode_tree(codes.tree)
    whole = tree + books.decode_detail(codes.detail)
    errors = [target.square().sum(), coarse]
    errors += [(target - tree).square().sum(), (target - whole).square().sum()]
    assert errors == sorted(errors, reverse=True)


def test_other_code_vectors_have_another_hash():
    assert random_codebooks(1).hash != random_codebooks(2).hash
    assert random_codebooks(1).hash == random_codebooks(1).hash


def test_codes_keep_their_types(codebooks):
    codes = codebooks.encode(random_unit(3, seed=9))
    assert isinstance(codes, Codes)
    assert codes.tree.dtype == np.int16
    assert codes.detail.dtype == np.uint8
