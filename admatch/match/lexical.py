"""Evidence from words: BM25 over product texts, as the share of a term that a text covers."""

import hashlib
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from admatch.arrays import Floats, Floats32, Ints
from admatch.match.tokens import words

# The values that the product-search literature uses for short texts.
K1, B = 0.3, 0.6
# Products that are scored for a term in a catalog too large to score whole: among 126,000 products
# 8,192 find no more.
LOOKED_AT = 512
TINY = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True, slots=True)
class Posting:
    """The products that contain a word, ascending, and its weight in each.

    A common word has ``champions``, the products in which its weight is largest, best first: its
    posting is too long to be read for every term.
    """

    products: npt.NDArray[np.int32]
    weights: Floats32
    champions: npt.NDArray[np.int32] | None


@dataclass(frozen=True, slots=True)
class TermPostings:
    """The postings of a term's words, and the highest BM25 score the term can reach."""

    postings: list[Posting]
    highest: float

    def coverage(self, products: npt.NDArray[np.int32]) -> Floats32:
        """Return BM25 divided by ``highest`` of given products (n,), looked up in each posting."""
        covered = np.zeros(len(products), np.float32)
        for posting in self.postings:
            row = posting.products.searchsorted(products)
            row[row == len(posting.products)] = 0
            covered += posting.weights[row] * (posting.products[row] == products)
        covered /= max(self.highest, TINY)
        return covered


def with_rarest(postings: Sequence[Posting]) -> npt.NDArray[np.int32]:
    """Return about ``LOOKED_AT`` products that contain the rarest of some words, ascending."""
    room, taken = LOOKED_AT, [np.empty(0, np.int32)]
    for posting in sorted(postings, key=lambda posting: len(posting.products)):
        if room <= 0:
            break
        best = posting.champions
        taken.append(posting.products if best is None else best[:room])
        room -= len(taken[-1])
    return np.unique(np.concatenate(taken))


@dataclass(frozen=True)
class LexicalIndex:
    """BM25 by word over products; a word that no product has counts as the rarest.

    ``split`` returns the words of a text: ``words``, or ``pairs`` for an index of phrases. A word
    is identified by a hash; ``keys`` are the hashes, ascending. Word number i has the entries
    ``starts[i]:starts[i+1]`` of ``products``, ascending, of ``times``, how often the product
    contains it, and of ``weights``. ``lengths`` (products,) are the texts' numbers of words. There
    are only arrays, so that an index of millions of words opens from disk without being read: 10
    bytes an entry.
    """

    split: Callable[[str], list[str]]
    keys: Ints
    starts: Ints
    products: npt.NDArray[np.int32]
    times: npt.NDArray[np.int16]
    weights: Floats32
    lengths: npt.NDArray[np.int32]

    @classmethod
    def build(
        cls, texts: Sequence[str], split: Callable[[str], list[str]] = words
    ) -> "LexicalIndex":
        """Return the index of product texts."""
        # Arrays throughout: a million texts take seconds, not minutes.
        number_of: dict[str, int] = {}
        numbers, lengths = array("i"), array("i")
        for text in texts:
            parts = split(text)
            numbers.extend(number_of.setdefault(word, len(number_of)) for word in parts)
            lengths.append(len(parts))
        keys = np.array([_key(word) for word in number_of], np.int64)
        order = np.argsort(keys)
        rank = np.argsort(order)[np.array(numbers, np.int64)]
        products = np.repeat(np.arange(len(texts)), lengths)
        entries, times = np.unique(rank * len(texts) + products, return_counts=True)
        return cls._weighted(split, keys[order], np.array(lengths, np.int32), entries, times)

    def updated(self, former: Ints, texts: Sequence[str]) -> "LexicalIndex":
        """Return the index of other products; only new ``texts`` are split into words.

        ``former`` is each product's number in this index, at most once, or -1 for the next one of
        ``texts``. The result equals an index built from scratch.
        """
        new, size = LexicalIndex.build(texts, self.split), len(former)
        keys = np.union1d(self.keys, new.keys)
        lengths, entries, times = np.empty(size, np.int32), [], []
        fresh = np.where(former < 0, np.cumsum(former < 0) - 1, -1)
        for index, source in ((self, former), (new, fresh)):
            goes = np.full(index.size, -1)
            goes[source[source >= 0]] = np.flatnonzero(source >= 0)
            lengths[source >= 0] = index.lengths[source[source >= 0]]
            word = np.repeat(np.searchsorted(keys, index.keys), np.diff(index.starts))
            target = goes[index.products]
            entries.append((word * size + target)[target >= 0])
            times.append(index.times[target >= 0])
        every = np.concatenate(entries)
        order = np.argsort(every)
        times_of = np.concatenate(times)[order]
        return self._weighted(self.split, keys, lengths, every[order], times_of)

    @classmethod
    def _weighted(
        cls,
        split: Callable[[str], list[str]],
        keys: Ints,
        lengths: npt.NDArray[np.int32],
        entries: Ints,
        times: npt.NDArray[Any],
    ) -> "LexicalIndex":
        """Return the index of ``entries``, ascending, each of them word x size + product.

        The word is its number in ``keys``; words without an entry are left out.
        """
        size = len(lengths)
        word, product = np.divmod(entries, max(size, 1))
        holders = np.bincount(word, minlength=len(keys))
        rarity = _rarity(size, holders)
        length = np.maximum(lengths, 1)  # a text without words has no entry
        norm = K1 * ((1 - B) + B * length / (length.mean() if size else 1))
        weights = rarity.astype(np.float32)[word] * (times / (norm[product] + times))
        return cls(
            split,
            keys[holders > 0],
            np.cumsum([0, *holders[holders > 0]], dtype=np.int64),
            product.astype(np.int32),
            times.astype(np.int16),
            weights.astype(np.float32),
            lengths,
        )

    @property
    def size(self) -> int:
        """The number of products."""
        return len(self.lengths)

    def coverage(self, terms: Sequence[str]) -> Floats32:
        """Return, (terms, products), BM25 divided by the term's highest possible score: 0 … 1.

        Words that no product has count as not covered, with the weight of the rarest word.
        """
        cells, shares = self.flat_coverage(terms)
        # Where a product has two of the words, the dense array adds them up.
        covered = np.zeros((len(terms), self.size), np.float32)
        np.add.at(covered.reshape(-1), cells, shares)
        return covered

    def flat_coverage(self, terms: Sequence[str]) -> tuple[Ints, Floats32]:
        """Return ``coverage`` as cells of the flattened array, and the shares to be added there."""
        term, word, highest = self._looked_up(terms)
        parts = list(map(slice, self.starts[word], self.starts[word + 1]))
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        holders = self.starts[word + 1] - self.starts[word]
        row = np.repeat(term, holders)
        products = np.concatenate([self.products[part] for part in parts])
        weights = np.concatenate([self.weights[part] for part in parts])
        weights /= highest.astype(np.float32)[row]
        return row * self.size + products, weights

    def postings(self, terms: Sequence[str]) -> list[TermPostings]:
        """Return the postings of each term's words."""
        rows, words, highest = self._looked_up(terms)
        postings: list[list[Posting]] = [[] for _ in terms]
        for row, word in zip(rows.tolist(), words.tolist(), strict=True):
            postings[row].append(self._posting(word))
        return [TermPostings(*pair) for pair in zip(postings, highest.tolist(), strict=True)]

    def holds(self, product: int, word: str) -> bool:
        """Return whether a product's text has a word."""
        key = _key(word)
        number = int(self.keys.searchsorted(key))
        if number == len(self.keys) or self.keys[number] != key:
            return False
        holders = self.products[self.starts[number] : self.starts[number + 1]]
        at = int(holders.searchsorted(product))
        return at < len(holders) and int(holders[at]) == product

    def _looked_up(self, terms: Sequence[str]) -> tuple[Ints, Ints, Floats]:
        """Return the known words of the terms, and the highest score that each term can reach.

        Known words are given by two arrays, the number of the term and that of the word.
        """
        # Words in order, so that sums are the same in every run.
        distinct = [dict.fromkeys(self.split(term)) for term in terms]
        keys = np.array([_key(word) for each in distinct for word in each], np.int64)
        row = np.repeat(np.arange(len(terms)), [len(each) for each in distinct])
        word = np.searchsorted(self.keys, keys)
        word[word == len(self.keys)] = 0
        known = self.keys[word] == keys if len(self.keys) else np.zeros(len(keys), bool)
        holders = np.zeros(len(keys), np.int64)
        holders[known] = self.starts[word[known] + 1] - self.starts[word[known]]
        highest = np.bincount(row, _rarity(self.size, holders), len(terms))
        return row[known], word[known], np.maximum(highest, TINY)

    def _posting(self, word: int) -> Posting:
        part = slice(self.starts[word], self.starts[word + 1])
        if part.stop - part.start > LOOKED_AT and word not in self._champions:
            self._champions[word] = self._best(part)
        return Posting(self.products[part], self.weights[part], self._champions.get(word))

    @cached_property
    def _champions(self) -> dict[int, npt.NDArray[np.int32]]:
        """The champions of common words, computed when a word is first looked up."""
        return {}

    def _best(self, part: slice) -> npt.NDArray[np.int32]:
        weights = self.weights[part]
        best = np.argpartition(-weights, LOOKED_AT)[:LOOKED_AT]
        order = np.argsort(-weights[best], kind="stable")
        return self.products[part][best[order]]


@lru_cache(maxsize=2**16)
def _key(word: str) -> int:
    """Return a word's hash: two of ten million words share one with a chance of 1 in 10^5."""
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _rarity(size: int, holders: Ints) -> Floats:
    """Return BM25's inverse document frequency of words that ``holders`` products contain."""
    rarity: Floats = np.log1p((size - holders + 0.5) / (holders + 0.5))
    return rarity
