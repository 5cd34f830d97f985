"""Evidence from single words of whole texts and from neighbouring words of titles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from admatch.arrays import Ints
from admatch.match.lexical import LexicalIndex, TermPostings, pairs, with_rarest, words

COLUMNS = ("keys", "starts", "products", "times", "weights", "lengths")  # of a ``LexicalIndex``


@dataclass(frozen=True, slots=True)
class DenseCoverage:
    """The share of each of n terms that each product covers, 0 … 1.

    ``singles`` (n, products) is dense. Few products have a phrase: ``cells`` are their positions
    in such an array once flattened, ascending, with one position past the end as the last, and
    ``shares`` are the phrases' shares there.
    """

    singles: Tensor
    cells: Tensor
    shares: Tensor

    def to(self, device: torch.device) -> "DenseCoverage":
        """Return the coverage on a device."""
        return DenseCoverage(*(part.to(device) for part in (self.singles, self.cells, self.shares)))

    def add_phrases(self, scores: Tensor, weight: float) -> Tensor:
        """Return ``scores`` (n, products) with the phrases' shares added in place."""
        scores.view(-1).index_add_(0, self.cells[:-1], self.shares[:-1], alpha=weight)
        return scores

    def of(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return the shares that singles and phrases of given products (n, k) cover."""
        terms, products = self.singles.shape
        cells = items + products * torch.arange(terms, device=items.device)[:, None]
        index = torch.searchsorted(self.cells, cells)
        phrases = self.shares[index].masked_fill_(self.cells[index] != cells, 0.0)
        return self.singles.gather(1, items), phrases


@dataclass(frozen=True, slots=True)
class LazyCoverage:
    """The share of each of n terms that some of very many products cover, looked up on demand.

    It is computed on the CPU, where the postings are.
    """

    singles: Sequence[TermPostings]
    phrases: Sequence[TermPostings]

    def of(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return the shares that singles and phrases of given products (n, k) cover."""
        rows = items.cpu().numpy().astype(np.int32)
        singles, phrases = (_looked_up(one, rows) for one in (self.singles, self.phrases))
        return singles.to(items.device), phrases.to(items.device)

    def best(self, k: int, weight: float) -> Tensor:
        """Return the k products, (n, k), that cover most of each term, -1 where there are fewer.

        ``weight`` is the weight of phrases beside singles. Only about ``LOOKED_AT`` products are
        scored for a term, those that contain its rarest words.
        """
        result = np.full((len(self.singles), k), -1)
        for row, single, phrase in zip(result, self.singles, self.phrases, strict=True):
            products = with_rarest([*single.postings, *phrase.postings])
            covered = single.coverage(products) + weight * phrase.coverage(products)
            best = np.argpartition(-covered, k - 1)[:k] if len(products) > k else slice(None)
            row[: len(products[best])] = products[best]
        return torch.from_numpy(result)


def _looked_up(terms: Sequence[TermPostings], rows: npt.NDArray[np.int32]) -> Tensor:
    covered = [term.coverage(products) for term, products in zip(terms, rows, strict=True)]
    return torch.from_numpy(np.stack(covered))


@dataclass(frozen=True)
class WordEvidence:
    """The words of whole texts, ``singles``, and pairs of neighbours in titles, ``phrases``.

    Two neighbouring words in a title name one thing ("coffee table"); apart they may name two.
    """

    singles: LexicalIndex
    phrases: LexicalIndex

    @classmethod
    def build(cls, texts: Sequence[str], titles: Sequence[str]) -> "WordEvidence":
        """Return the evidence of products with these texts and titles."""
        return cls(LexicalIndex.build(texts), LexicalIndex.build(titles, pairs))

    def updated(self, former: Ints, texts: Sequence[str], titles: Sequence[str]) -> "WordEvidence":
        """Return the evidence of other products, of which ``texts`` and ``titles`` are new.

        ``former`` is each product's number here, or -1 for the next of the new ones.
        """
        singles = self.singles.updated(former, texts)
        return WordEvidence(singles, self.phrases.updated(former, titles))

    def tables(self) -> dict[str, Tensor]:
        """Return the tables that ``from_tables`` restores the evidence from."""
        return {
            f"{name}.{column}": torch.from_numpy(getattr(index, column))
            for name, index in (("singles", self.singles), ("phrases", self.phrases))
            for column in COLUMNS
        }

    @classmethod
    def from_tables(cls, tables: Mapping[str, Tensor]) -> "WordEvidence":
        """Return the evidence that was saved as ``tables``; nothing is read before it is used."""
        return cls(
            *(
                LexicalIndex(split, *(tables[f"{name}.{column}"].numpy() for column in COLUMNS))
                for name, split in (("singles", words), ("phrases", pairs))
            )
        )

    def dense_coverage(self, terms: Sequence[str]) -> DenseCoverage:
        """Return the share of each term that every product covers."""
        cells, shares = self.phrases.flat_coverage(terms)
        order = np.argsort(cells, kind="stable")
        cells, shares = cells[order], shares[order]
        first = np.flatnonzero(np.diff(cells, prepend=-1))
        sums = np.add.reduceat(shares, first) if len(first) else shares
        return DenseCoverage(
            torch.from_numpy(self.singles.coverage(terms)),
            torch.from_numpy(np.append(cells[first], len(terms) * self.phrases.size)),
            torch.from_numpy(np.append(sums, np.float32(0))),
        )

    def lazy_coverage(self, terms: Sequence[str]) -> LazyCoverage:
        """Return the same for a catalog too large to score every product."""
        return LazyCoverage(self.singles.postings(terms), self.phrases.postings(terms))
