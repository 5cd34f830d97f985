"""The words' own evidence: BM25 over product texts, as the share of a term that a text covers."""

import itertools
import re
import unicodedata
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

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
    """BM25 by word over ``size`` products; a word that none has is of ``unknown_rarity``.

    ``split`` makes the words of a text: ``words``, or ``pairs`` for an index of phrases. Word
    number i of ``places`` has the entries ``starts[i]:starts[i+1]`` of ``products``, ascending,
    and ``weights``: 8 bytes for each word of each product.
    """

    split: Callable[[str], list[str]]
    size: int
    places: dict[str, int]
    starts: npt.NDArray[np.int64]
    products: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    rarity: list[float]
    unknown_rarity: float

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
        size, length = len(texts), np.maximum(lengths, 1)  # of a text without words nothing hangs
        products = np.repeat(np.arange(size), lengths)
        entries, times = np.unique(
            np.int64(size) * np.array(numbers) + products, return_counts=True
        )
        word, product = np.divmod(entries, size)
        starts = np.searchsorted(word, np.arange(len(places) + 1))
        holders = np.diff(starts)
        rarity = np.log1p((size - holders + 0.5) / (holders + 0.5))
        norm = K1 * ((1 - B) + B * length / length.mean())
        weights = rarity.astype(np.float32)[word] * (times / (norm[product] + times))
        return cls(
            split,
            size,
            places,
            starts,
            product.astype(np.int32),
            weights.astype(np.float32),
            rarity.tolist(),
            float(np.log1p((size + 0.5) / 0.5)),
        )

    def coverage(self, terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return, (terms, products), BM25 divided by the most that the term could reach: 0 … 1.

        Words that no product has count as not covered, at the weight of the rarest word.
        """
        # Where two words meet in one product the dense array adds them up. Twice as fast as a
        # sparse product.
        covered: npt.NDArray[np.float32] = self.covered(terms).toarray()
        return covered

    def covered(self, terms: Sequence[str]) -> sparse.csr_array:
        """Return ``coverage`` as a sparse array, whose entries of one place are to be added up."""
        asked = [self.asked(term) for term in terms]
        every = [posting for term in asked for posting in term.postings]
        shape = (len(terms), self.size)
        if not every:
            return sparse.csr_array(shape, dtype=np.float32)
        # A row holds the postings of a term's words end to end.
        ends = np.cumsum([0, *(sum(len(p.products) for p in term.postings) for term in asked)])
        products = np.concatenate([posting.products for posting in every])
        weights = np.concatenate([posting.weights for posting in every])
        most = np.array([max(term.most, TINY) for term in asked], dtype=np.float32)
        weights /= np.repeat(most, np.diff(ends))
        return sparse.csr_array((weights, products, ends), shape=shape)

    def asked(self, term: str) -> Asked:
        """Return the postings of a term's words."""
        found = dict.fromkeys(self.split(term))  # in order: sums come out the same in every run
        known = [self.places[word] for word in found if word in self.places]
        most = sum(self.rarity[place] for place in known)
        most += self.unknown_rarity * (len(found) - len(known))
        return Asked([self._posting(place) for place in known], most)

    def _posting(self, place: int) -> Posting:
        part = slice(self.starts[place], self.starts[place + 1])
        return Posting(self.products[part], self.weights[part], self._champions.get(place))

    @cached_property
    def _champions(self) -> dict[int, npt.NDArray[np.int32]]:
        common = np.flatnonzero(np.diff(self.starts) > LOOKED_AT).tolist()
        return {place: self._best(place) for place in common}

    def _best(self, place: int) -> npt.NDArray[np.int32]:
        part = slice(self.starts[place], self.starts[place + 1])
        weights = self.weights[part]
        best = np.argpartition(-weights, LOOKED_AT)[:LOOKED_AT]
        order = np.argsort(-weights[best], kind="stable")
        return self.products[part][best[order]]
