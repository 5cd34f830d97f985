"""The words' own evidence: BM25 over product texts, as the share of a term that a text covers."""

import hashlib
import itertools
import re
import unicodedata
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

# The values that the product-search literature uses for short texts.
K1, B = 0.3, 0.6
WORD = re.compile(r"[^\W_]+")
# Products that are looked at for a term where a catalog is too large to look at all: among 126,000
# products 8,192 find no more.
LOOKED_AT = 512
TINY = float(np.finfo(np.float32).tiny)
# Scripts without blanks: every pair of neighbouring characters is a word.
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


def words(text: str) -> list[str]:
    """Return the words of a text, lower case, plural s dropped, CJK as character pairs."""
    if text.isascii():
        return [_singular(word) for word in WORD.findall(text.lower())]
    found = []
    for word in WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        runs = UNSPACED.findall(word)
        for run in runs:
            found += [run[i : i + 2] for i in range(max(1, len(run) - 1))]
        found += [_singular(part) for part in UNSPACED.split(word) if part]
    return found


def _singular(word: str) -> str:
    plural = len(word) > 3 and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if plural else word


def pairs(text: str) -> list[str]:
    """Return the pairs of neighbouring words of a text: "oat drink", "drink barista"."""
    found = words(text)
    return [f"{one} {other}" for one, other in itertools.pairwise(found)]


@dataclass(frozen=True, slots=True)
class Posting:
    """The products that have a word, ascending, and what it is worth in each.

    ``champions`` are those in which it is worth most, best first, where it is a common word: its
    posting is too long to be walked for every term.
    """

    products: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    champions: npt.NDArray[np.int32] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A term as an index knows it: the postings of its words, and the most it could reach."""

    postings: list[Posting]
    most: float

    def coverage(self, products: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
        """Return BM25 divided by ``most`` of given products (n,), looked up in each posting."""
        covered = np.zeros(len(products), np.float32)
        for posting in self.postings:
            place = posting.products.searchsorted(products)
            place[place == len(posting.products)] = 0
            covered += posting.weights[place] * (posting.products[place] == products)
        covered /= max(self.most, TINY)
        return covered


def rare(postings: Sequence[Posting]) -> npt.NDArray[np.int32]:
    """Return the products that have the rarest of some words, ascending: about ``LOOKED_AT``."""
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
    """BM25 by word over products; a word that none has is as rare as can be.

    ``split`` makes the words of a text: ``words``, or ``pairs`` for an index of phrases. A word is
    known by its ``keys``, a hash, ascending: word number i has the entries
    ``starts[i]:starts[i+1]`` of ``products``, ascending, ``times``, how often it stands there, and
    ``weights``. ``lengths`` (products,) are the texts' words. Arrays only, so that an index of
    millions of words is opened from disk without being read: 10 bytes an entry.
    """

    split: Callable[[str], list[str]]
    keys: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    products: npt.NDArray[np.int32]
    times: npt.NDArray[np.int16]
    weights: npt.NDArray[np.float32]
    lengths: npt.NDArray[np.int32]

    @classmethod
    def build(
        cls, texts: Sequence[str], split: Callable[[str], list[str]] = words
    ) -> "LexicalIndex":
        """Return the index of product texts."""
        # In arrays throughout: a million texts take seconds, not minutes.
        places: dict[str, int] = {}
        numbers, lengths = array("i"), array("i")
        for text in texts:
            found = split(text)
            numbers.extend(places.setdefault(word, len(places)) for word in found)
            lengths.append(len(found))
        keys = np.array([_key(word) for word in places], np.int64)
        order = np.argsort(keys)
        rank = np.argsort(order)[np.array(numbers, np.int64)]
        products = np.repeat(np.arange(len(texts)), lengths)
        entries, times = np.unique(rank * len(texts) + products, return_counts=True)
        return cls._weighed(split, keys[order], np.array(lengths, np.int32), entries, times)

    def updated(self, kept: npt.NDArray[np.int64], texts: Sequence[str]) -> "LexicalIndex":
        """Return the index of other products, of which only new ``texts`` are split into words.

        ``kept`` is each product's number here, once at most, or -1 for the next of ``texts``.
        Equal to building it anew.
        """
        new, size = LexicalIndex.build(texts, self.split), len(kept)
        keys = np.union1d(self.keys, new.keys)
        lengths, entries, times = np.empty(size, np.int32), [], []
        for index, here in ((self, kept), (new, np.where(kept < 0, np.cumsum(kept < 0) - 1, -1))):
            goes = np.full(index.size, -1)
            goes[here[here >= 0]] = np.flatnonzero(here >= 0)
            lengths[here >= 0] = index.lengths[here[here >= 0]]
            word = np.repeat(np.searchsorted(keys, index.keys), np.diff(index.starts))
            place = goes[index.products]
            entries.append((word * size + place)[place >= 0])
            times.append(index.times[place >= 0])
        every = np.concatenate(entries)
        order = np.argsort(every)
        return self._weighed(self.split, keys, lengths, every[order], np.concatenate(times)[order])

    @classmethod
    def _weighed(
        cls,
        split: Callable[[str], list[str]],
        keys: npt.NDArray[np.int64],
        lengths: npt.NDArray[np.int32],
        entries: npt.NDArray[np.int64],
        times: npt.NDArray[Any],
    ) -> "LexicalIndex":
        """Return the index of ``entries``, ascending: number of the word in ``keys`` and product.

        Both as one, word times size plus product; words without an entry are left out.
        """
        size = len(lengths)
        word, product = np.divmod(entries, max(size, 1))
        holders = np.bincount(word, minlength=len(keys))
        rarity = _rarity(size, holders)
        length = np.maximum(lengths, 1)  # of a text without words nothing hangs
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
        """How many products there are."""
        return len(self.lengths)

    def coverage(self, terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return, (terms, products), BM25 divided by the most that the term could reach: 0 … 1.

        Words that no product has count as not covered, at the weight of the rarest word.
        """
        places, shares = self.covered(terms)
        # Where two words meet in one product the dense array adds them up.
        dense = torch.zeros(len(terms) * self.size)
        dense.index_add_(0, torch.from_numpy(places), torch.from_numpy(shares))
        covered: npt.NDArray[np.float32] = dense.numpy().reshape(len(terms), self.size)
        return covered

    def covered(
        self, terms: Sequence[str]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return ``coverage`` laid flat: places, and shares that are to be added up in them."""
        asked, place, most = self._looked_up(terms)
        parts = list(map(slice, self.starts[place], self.starts[place + 1]))
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        holders = self.starts[place + 1] - self.starts[place]
        row = np.repeat(asked, holders)
        products = np.concatenate([self.products[part] for part in parts])
        weights = np.concatenate([self.weights[part] for part in parts])
        weights /= most.astype(np.float32)[row]
        return row * self.size + products, weights

    def asked(self, terms: Sequence[str]) -> list[Asked]:
        """Return the postings of each term's words."""
        asked, place, most = self._looked_up(terms)
        postings: list[list[Posting]] = [[] for _ in terms]
        for term, word in zip(asked.tolist(), place.tolist(), strict=True):
            postings[term].append(self._posting(word))
        return [Asked(*pair) for pair in zip(postings, most.tolist(), strict=True)]

    def _looked_up(
        self, terms: Sequence[str]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return the known words of terms, term by term, and the most that each term could reach.

        The words as the numbers of their terms and their own.
        """
        # in order: sums come out the same in every run
        found = [dict.fromkeys(self.split(term)) for term in terms]
        keys = np.array([_key(word) for each in found for word in each], np.int64)
        asked = np.repeat(np.arange(len(terms)), [len(each) for each in found])
        place = np.searchsorted(self.keys, keys)
        place[place == len(self.keys)] = 0
        known = self.keys[place] == keys if len(self.keys) else np.zeros(len(keys), bool)
        holders = np.zeros(len(keys), np.int64)
        holders[known] = self.starts[place[known] + 1] - self.starts[place[known]]
        most = np.bincount(asked, _rarity(self.size, holders), len(terms))
        return asked[known], place[known], np.maximum(most, TINY)

    def _posting(self, place: int) -> Posting:
        part = slice(self.starts[place], self.starts[place + 1])
        if part.stop - part.start > LOOKED_AT and place not in self._champions:
            self._champions[place] = self._best(part)
        return Posting(self.products[part], self.weights[part], self._champions.get(place))

    @cached_property
    def _champions(self) -> dict[int, npt.NDArray[np.int32]]:
        """Those of the common words that were asked for."""
        return {}

    def _best(self, part: slice) -> npt.NDArray[np.int32]:
        weights = self.weights[part]
        best = np.argpartition(-weights, LOOKED_AT)[:LOOKED_AT]
        order = np.argsort(-weights[best], kind="stable")
        return self.products[part][best[order]]


@lru_cache(maxsize=2**16)
def _key(word: str) -> int:
    """Return what a word is known by: two of ten million share one with a chance of 1 in 10^5."""
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _rarity(size: int, holders: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return BM25's inverse document frequency of words that so many of the products have."""
    rarity: npt.NDArray[np.float64] = np.log1p((size - holders + 0.5) / (holders + 0.5))
    return rarity
