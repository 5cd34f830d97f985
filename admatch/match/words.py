"""What words say: single ones of whole texts, and neighbouring ones of titles."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from admatch.match.lexical import LexicalIndex, pairs


@dataclass(frozen=True)
class WordEvidence:
    """How much of a term each product covers: ``singles`` in its text, ``phrases`` in its title.

    Two words side by side in a title name a thing ("coffee table"), apart they may name two.
    """

    singles: LexicalIndex
    phrases: LexicalIndex

    @classmethod
    def build(cls, texts: Sequence[str], titles: Sequence[str]) -> "WordEvidence":
        """Return the evidence of products with these texts and titles."""
        return cls(LexicalIndex.build(texts), LexicalIndex.build(titles, pairs))

    def covered(self, terms: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return what singles and phrases cover of each term, both (terms, products), 0 … 1."""
        singles, phrases = self.singles.coverage(terms), self.phrases.coverage(terms)
        return torch.from_numpy(singles), torch.from_numpy(phrases)
