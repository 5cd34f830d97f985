"""The words' own evidence: BM25 over product texts, as the share of a term that a text covers."""

import re
import unicodedata
from collections.abc import Sequence
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


@dataclass(frozen=True)
class LexicalIndex:
    """BM25 weights of every word in every product, (words, products) in sparse rows."""

    vocabulary: dict[str, int]
    weights: sparse.csr_array
    rarity: npt.NDArray[np.float32]  # inverse document frequency of each word
    unknown_rarity: float  # of a word that no product has

    @classmethod
    def build(cls, texts: Sequence[str]) -> "LexicalIndex":
        """Return the index of product texts."""
        index = bm25s.BM25(k1=K1, b=B)
        index.index([words(text) or [""] for text in texts], show_progress=False)
        scores = index.scores
        shape = (len(texts), len(scores["indptr"]) - 1)
        columns = sparse.csc_array((scores["data"], scores["indices"], scores["indptr"]), shape)
        holders = np.diff(scores["indptr"])
        known = {word: place for word, place in index.vocab_dict.items() if place < shape[1]}
        rarity = np.log1p((len(texts) - holders + 0.5) / (holders + 0.5)).astype(np.float32)
        return cls(known, columns.T.tocsr(), rarity, float(np.log1p((len(texts) + 0.5) / 0.5)))

    def coverage(self, terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return, (terms, products), BM25 divided by the most that the term could reach: 0 … 1.

        Words that no product has count as not covered, at the weight of the rarest word.
        """
        split, places_of = [set(words(term)) for term in terms], self.vocabulary
        known = [[places_of[word] for word in term if word in places_of] for term in split]
        most = [
            self.rarity[places].sum() + self.unknown_rarity * (len(term) - len(places))
            for term, places in zip(split, known, strict=True)
        ]
        rows = np.repeat(np.arange(len(terms)), [len(places) for places in known])
        columns = np.fromiter((place for places in known for place in places), dtype=np.int64)
        share = (1 / np.maximum(most, 1e-6))[rows].astype(np.float32)
        asked = sparse.csr_array((share, (rows, columns)), (len(terms), len(self.rarity)))
        covered: npt.NDArray[np.float32] = (asked @ self.weights).toarray()
        return covered
