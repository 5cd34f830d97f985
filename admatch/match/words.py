"""What words say: single ones of whole texts, and neighbouring ones of titles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from admatch.match.lexical import Asked, LexicalIndex, pairs, rare, words

COLUMNS = ("keys", "starts", "products", "times", "weights", "lengths")  # of a ``LexicalIndex``


@dataclass(frozen=True, slots=True)
class DenseCoverage:
    """How much of each of n terms each product covers, 0 … 1.

    ``singles`` (n, products) is dense. Few products have a phrase: ``places`` are their numbers in
    such an array laid flat, ascending, ``shares`` what they cover, ended by one past the last.
    """

    singles: Tensor
    places: Tensor
    shares: Tensor

    def on(self, place: torch.device) -> "DenseCoverage":
        """Return the same on a device."""
        return DenseCoverage(*(part.to(place) for part in (self.singles, self.places, self.shares)))

    def add_phrases(self, scores: Tensor, weight: float) -> Tensor:
        """Return ``scores`` (n, products) with the phrases' shares added in place."""
        scores.view(-1).index_add_(0, self.places[:-1], self.shares[:-1], alpha=weight)
        return scores

    def of(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return what singles and phrases of given products (n, k) cover, both (n, k)."""
        terms, products = self.singles.shape
        wanted = items + products * torch.arange(terms, device=items.device)[:, None]
        place = torch.searchsorted(self.places, wanted)
        phrases = self.shares[place].masked_fill_(self.places[place] != wanted, 0.0)
        return self.singles.gather(1, items), phrases


@dataclass(frozen=True, slots=True)
class LazyCoverage:
    """How much of each of n terms some of very many products cover, looked up when asked for.

    On the processor, where the postings are.
    """

    singles: Sequence[Asked]
    phrases: Sequence[Asked]

    def of(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return what singles and phrases of given products (n, k) cover, both (n, k)."""
        rows = items.cpu().numpy().astype(np.int32)
        singles, phrases = (_looked_up(one, rows) for one in (self.singles, self.phrases))
        return singles.to(items.device), phrases.to(items.device)

    def best(self, k: int, weight: float) -> Tensor:
        """Return k of the products, (n, k), that cover most of each term, -1 where there are fewer.

        ``weight`` is what phrases are worth beside singles. Of the products that have one of a
        term's words only those that have the rarest are looked at, about ``LOOKED_AT``.
        """
        found = np.full((len(self.singles), k), -1)
        for row, single, phrase in zip(found, self.singles, self.phrases, strict=True):
            products = rare([*single.postings, *phrase.postings])
            covered = single.coverage(products) + weight * phrase.coverage(products)
            best = np.argpartition(-covered, k - 1)[:k] if len(products) > k else slice(None)
            row[: len(products[best])] = products[best]
        return torch.from_numpy(found)


def _looked_up(asked: Sequence[Asked], rows: npt.NDArray[np.int32]) -> Tensor:
    covered = [term.coverage(products) for term, products in zip(asked, rows, strict=True)]
    return torch.from_numpy(np.stack(covered))


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

    def updated(
        self, kept: npt.NDArray[np.int64], texts: Sequence[str], titles: Sequence[str]
    ) -> "WordEvidence":
        """Return the evidence of other products: some ``kept``, the rest of texts and titles."""
        return WordEvidence(self.singles.updated(kept, texts), self.phrases.updated(kept, titles))

    def tables(self) -> dict[str, Tensor]:
        """Return what ``from_tables`` makes it of again."""
        return {
            f"{name}.{column}": torch.from_numpy(getattr(index, column))
            for name, index in (("singles", self.singles), ("phrases", self.phrases))
            for column in COLUMNS
        }

    @classmethod
    def from_tables(cls, tables: Mapping[str, Tensor]) -> "WordEvidence":
        """Return the evidence that ``tables`` were made of; nothing is read before it is used."""
        return cls(
            *(
                LexicalIndex(split, *(tables[f"{name}.{column}"].numpy() for column in COLUMNS))
                for name, split in (("singles", words), ("phrases", pairs))
            )
        )

    def covered(self, terms: Sequence[str]) -> DenseCoverage:
        """Return what the products cover of each term."""
        places, shares = self.phrases.covered(terms)
        order = np.argsort(places, kind="stable")
        places, shares = places[order], shares[order]
        first = np.flatnonzero(np.diff(places, prepend=-1))
        sums = np.add.reduceat(shares, first) if len(first) else shares
        return DenseCoverage(
            torch.from_numpy(self.singles.coverage(terms)),
            torch.from_numpy(np.append(places[first], len(terms) * self.phrases.size)),
            torch.from_numpy(np.append(sums, np.float32(0))),
        )

    def sought(self, terms: Sequence[str]) -> LazyCoverage:
        """Return the same for catalogs so large that not every product can be asked."""
        return LazyCoverage(self.singles.asked(terms), self.phrases.asked(terms))
