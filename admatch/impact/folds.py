"""Rows split by term, so that no term is judged by what was learned from it."""

import zlib

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.arrays import Ints

FOLDS = 5
# SplitMix64 (Steele 2014): checksums of similar texts are similar, and every seed has to split
# anew.
_STEP, _FACTORS = 0x9E3779B97F4A7C15, ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


def fold_by_term(rows: pl.DataFrame, seed: int) -> Ints:
    """Return a fold number (below ``FOLDS``) a row; all rows of a term have the same."""
    return (term_numbers(rows, seed) % FOLDS).astype(np.int64)


def term_numbers(rows: pl.DataFrame, seed: int) -> npt.NDArray[np.uint64]:
    """Return a random number a row: its term's own, whatever other terms there are.

    A term stays in its fold when others are added, so trees that have not seen it can be cached.
    """
    terms = rows["search_term"].fill_null("").to_list()
    checks = np.fromiter((zlib.crc32(term.encode()) for term in terms), np.uint64, len(terms))
    numbers = checks + np.uint64(seed * _STEP % 2**64)
    for shift, factor in _FACTORS:
        numbers = (numbers ^ (numbers >> np.uint64(shift))) * np.uint64(factor)
    return numbers ^ (numbers >> np.uint64(31))
