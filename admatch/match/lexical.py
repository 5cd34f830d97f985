"""The words' own evidence: BM25 over product texts, as the share of a term that a text covers."""

import itertools
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import bm25s
import numpy as np
import numpy.typing as npt
from scipy import sparse

# The values that the product-search literature uses for short texts.
K1, B = 0.3, 0.6
WORD = re.compile(r"[^\W_]+")
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
    """The products that have a word, what it is worth in each, and how rare it is."""

    products: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    rarity: float


@dataclass(frozen=True)
class LexicalIndex:
    """BM25 by word over ``size`` products; a word that none has is of ``unknown_rarity``.

    ``split`` makes the words of a text: ``words``, or ``pairs`` for an index of phrases.
    """

    split: Callable[[str], list[str]]
    size: int
    postings: dict[str, Posting]
    unknown_rarity: float

    @classmethod
    def build(
        cls, texts: Sequence[str], split: Callable[[str], list[str]] = words
    ) -> "LexicalIndex":
        """Return the index of product texts."""
        index = bm25s.BM25(k1=K1, b=B)
        index.index([split(text) or [""] for text in texts], show_progress=False)
        weights, products, starts = (index.scores[part] for part in ("data", "indices", "indptr"))
        holders = np.diff(starts)
        rarity = np.log1p((len(texts) - holders + 0.5) / (holders + 0.5)).tolist()
        postings = {
            word: Posting(
                products[starts[i] : starts[i + 1]], weights[starts[i] : starts[i + 1]], rarity[i]
            )
            for word, i in index.vocab_dict.items()
            if i < len(holders)
        }
        return cls(split, len(texts), postings, float(np.log1p((len(texts) + 0.5) / 0.5)))

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
        asked = [set(self.split(term)) for term in terms]
        known = [[self.postings[word] for word in term if word in self.postings] for term in asked]
        most = [
            sum(posting.rarity for posting in held) + self.unknown_rarity * (len(term) - len(held))
            for term, held in zip(asked, known, strict=True)
        ]
        every = [posting for held in known for posting in held]
        shape = (len(terms), self.size)
        if not every:
            return sparse.csr_array(shape, dtype=np.float32)
        # A row holds the postings of a term's words end to end.
        ends = np.cumsum([0, *(sum(len(p.products) for p in held) for held in known)])
        products = np.concatenate([posting.products for posting in every])
        weights = np.concatenate([posting.weights for posting in every])
        least = np.finfo(np.float32).tiny
        weights /= np.repeat(np.maximum(most, least, dtype=np.float32), np.diff(ends))
        return sparse.csr_array((weights, products, ends), shape=shape)
