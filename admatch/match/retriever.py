"""Terms → ranked own products, each with the odds that the term is about it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from admatch.encode.protocol import Vectors
from admatch.generate.decoder import CodeScores
from admatch.generate.generator import Generator
from admatch.generate.search import best_places
from admatch.match.belonging import FEATURES
from admatch.match.lexical import LexicalIndex
from admatch.match.universal import UniversalModel

SHORTLIST = 12  # products from each source, at least, whose evidence is computed exactly


@dataclass(frozen=True)
class Retrieved:
    """The best products of n terms, best first.

    ``items`` and ``log_odds`` are (n, k), ``features`` (n, k, features of ``Belonging``); where a
    term has fewer than k products, ``items`` is -1 and ``log_odds`` minus infinity.
    ``paths`` (n, depth) is the ID that each term takes in the universe of generic products.
    """

    items: npt.NDArray[np.int64]
    log_odds: npt.NDArray[np.float32]
    features: npt.NDArray[np.float32]
    paths: npt.NDArray[np.int64]

    @property
    def probability(self) -> npt.NDArray[np.float64]:
        """How probable it is, (n, k), that a term is about each product."""
        return 1 / (1 + np.exp(-self.log_odds.astype(np.float64)))

    @classmethod
    def nothing(cls) -> "Retrieved":
        """Return the answer to no terms."""
        none = np.empty((0, 1), np.int64)
        features = np.empty((0, 1, len(FEATURES)), np.float32)
        return cls(none, none.astype(np.float32), features, none)

    @classmethod
    def joined(cls, blocks: Sequence["Retrieved"], order: Sequence[int]) -> "Retrieved":
        """Return the rows of all blocks, end to end, in the given order."""
        return cls(
            *(
                np.concatenate([getattr(block, column.name) for block in blocks])[list(order)]
                for column in fields(cls)
            )
        )


class Retriever:
    """Retrieves the products of one catalog.

    ``vectors`` (n, dim) are the products' unit vectors, in the order of ``generator``'s IDs.
    """

    def __init__(
        self, model: UniversalModel, generator: Generator, vectors: Vectors, lexical: LexicalIndex
    ) -> None:
        self.model = model
        self.generator = generator
        self.lexical = lexical
        self._vectors = torch.from_numpy(vectors)
        self._coarse = self._vectors.bfloat16()  # twice as fast; only the shortlist hangs on it

    @torch.inference_mode()
    def retrieve(self, terms: Sequence[str], queries: Vectors, k: int) -> Retrieved:
        """Return the k best products of each term; ``queries`` (n, dim) are the terms' vectors."""
        asked = torch.from_numpy(queries)
        codes = self.model.decoder(asked)
        coverage = torch.from_numpy(self.lexical.coverage(terms))
        items = self._shortlist(asked, codes, coverage, max(SHORTLIST, 2 * k))
        missing, items = items < 0, items.clamp(min=0)
        free, paths = self.model.decode_freely(codes)
        cosine = torch.einsum("qd,qcd->qc", asked, self._vectors[items])
        departure = free[:, None] - self.generator.score(codes, items)
        size = torch.full_like(cosine, math.log(len(self.generator)))
        features = torch.stack([cosine, coverage.gather(1, items), departure, size], dim=-1)
        odds = self.model.belonging.log_odds(features).masked_fill_(missing, -torch.inf)
        # The shortlist stands in catalog order, so equal odds keep it.
        best, place = (part[:, :k] for part in odds.sort(dim=1, descending=True, stable=True))
        return Retrieved(
            items.gather(1, place).masked_fill_(best == -torch.inf, -1).numpy(),
            best.numpy(),
            features.gather(1, place[..., None].expand(-1, -1, len(FEATURES))).numpy(),
            paths.numpy(),
        )

    def _shortlist(self, asked: Tensor, codes: CodeScores, coverage: Tensor, depth: int) -> Tensor:
        """Return generated ∪ dense ∪ lexical products (n, 2 depth), sorted, repeats as -1.

        What dense or lexical search could bring into the final order is among the best by the sum
        of both, which is at hand for every product: one list stands for the two.
        """
        depth = min(depth, len(self.generator))
        generated = self.generator.generate(codes, depth, beam=depth).items
        cosine = asked.bfloat16() @ self._coarse.T
        fused = self.model.belonging.rank_coarsely(cosine, coverage)
        items = torch.cat([generated, best_places(fused, depth)], dim=1).sort(dim=1).values
        repeated = torch.zeros_like(items, dtype=torch.bool)
        repeated[:, 1:] = items[:, 1:] == items[:, :-1]
        return items.masked_fill_(repeated, -1)
