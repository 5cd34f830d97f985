"""What words say: single ones of whole texts, and neighbouring ones of titles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from admatch.match.lexical import LexicalIndex, pairs


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of each of n terms each product covers, 0 … 1.

    ``singles`` (n, products) is dense. Few products have a phrase: ``places`` are their numbers in
    such an array laid flat, ascending, ``shares`` what they cover, ended by one past the last.
    """

    singles: Tensor
    places: Tensor
    shares: Tensor

    def add_phrases(self, scores: Tensor, weight: float) -> Tensor:
        """Return ``scores`` (n, products) with the phrases' shares added in place."""
        scores.view(-1).index_add_(0, self.places[:-1], self.shares[:-1], alpha=weight)
        return scores

    def of(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return what singles and phrases of given products (n, k) cover, both (n, k)."""
        terms, products = self.singles.shape
        wanted = items + products * torch.arange(terms)[:, None]
        place = torch.searchsorted(self.places, wanted)
        phrases = self.shares[place].masked_fill_(self.places[place] != wanted, 0.0)
        return self.singles.gather(1, items), phrases


@dataclass(frozen=True)
class WordEvidence:
    """The words of whole texts, ``singles``, and those side by side in titles, ``phrases``.

    Two words side by side in a title name a thing ("coffee table"), apart they may name two.
    """

    singles: LexicalIndex
    phrases: LexicalIndex

    @classmethod
    def build(cls, texts: Sequence[str], titles: Sequence[str]) -> "WordEvidence":
        """Return the evidence of products with these texts and titles."""
        return cls(LexicalIndex.build(texts), LexicalIndex.build(titles, pairs))

    def covered(self, terms: Sequence[str]) -> Covered:
        """Return what the products cover of each term."""
        phrases = self.phrases.covered(terms)
        phrases.sum_duplicates()  # sorts them too
        rows = np.repeat(np.arange(len(terms)), np.diff(phrases.indptr))
        places = rows * self.phrases.size + phrases.indices
        end = len(terms) * self.phrases.size
        return Covered(
            torch.from_numpy(self.singles.coverage(terms)),
            torch.from_numpy(np.append(places, end)),
            torch.from_numpy(np.append(phrases.data, np.float32(0))),
        )
