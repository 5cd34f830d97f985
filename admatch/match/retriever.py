"""Terms → ranked own products: candidates from three sources, exactly re-ranked, with probability.

The rank comes from the exact cosine plus the words' own evidence; the decoder proposes candidates
and says how far the catalog's path falls behind the universe's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from admatch.encode.protocol import Vectors
from admatch.generate.decoder import CodeScores
from admatch.generate.generator import Generator
from admatch.match.belonging import FEATURES
from admatch.match.lexical import LexicalIndex
from admatch.match.universal import UniversalModel

# A term's words, all found in a product, weigh as much as 0.3 of cosine. On the judged queries of
# tests/benchmarks/retrieval.py every value from 0.2 to 0.5 gives the same nDCG within 0.002.
COVERAGE_WEIGHT = 0.3
CANDIDATES = 50  # from each source, at least


@dataclass(frozen=True)
class Retrieved:
    """The best products of n terms, best first.

    ``items``, ``scores`` are (n, k) and ``features`` (n, k, features of ``Belonging``); where a
    term has fewer than k products, ``items`` is -1 and ``scores`` minus infinity.
    ``paths`` (n, depth) is the ID that each term takes in the universe of generic products.
    """

    items: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    features: npt.NDArray[np.float32]
    paths: npt.NDArray[np.int64]

    @classmethod
    def nothing(cls) -> "Retrieved":
        """Return the answer to no terms."""
        number, score = np.empty((0, 0), np.int64), np.empty((0, 0), np.float32)
        return cls(number, score, np.empty((0, 0, len(FEATURES)), np.float32), number)

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
        self._coarse = self._vectors.bfloat16()  # finds candidates; their cosine is exact

    @torch.inference_mode()
    def retrieve(self, terms: Sequence[str], queries: Vectors, k: int) -> Retrieved:
        """Return the k best products of each term; ``queries`` (n, dim) are the terms' vectors."""
        asked = torch.from_numpy(queries)
        codes = self.model.decoder(asked)
        coverage = torch.from_numpy(self.lexical.coverage(terms))
        items = self._candidates(asked, codes, coverage, max(CANDIDATES, 2 * k))
        missing = items < 0
        items = items.clamp(min=0)
        cosine = torch.einsum("qd,qcd->qc", asked, self._vectors[items])
        covered = coverage.gather(1, items)
        fused = (cosine + COVERAGE_WEIGHT * covered).masked_fill(missing, -torch.inf)
        # Candidates stand in catalog order, so equal scores keep it.
        order = fused.argsort(dim=1, descending=True, stable=True)[:, :k]
        best, chosen = fused.gather(1, order), items.gather(1, order)
        free, paths = self.model.decode_freely(codes)
        departure = free[:, None] - self.generator.score(codes, chosen)
        size = torch.full_like(departure, float(np.log(len(self.generator))))
        evidence = (cosine.gather(1, order), covered.gather(1, order), departure, size)
        return Retrieved(
            chosen.masked_fill(best == -torch.inf, -1).numpy(),
            best.numpy(),
            torch.stack(evidence, dim=-1).numpy(),
            paths.numpy(),
        )

    def _candidates(self, asked: Tensor, codes: CodeScores, coverage: Tensor, depth: int) -> Tensor:
        """Return generated ∪ dense ∪ lexical products (n, 3 depth), sorted, repeats as -1."""
        depth = min(depth, len(self.generator))
        generated = self.generator.generate(codes, depth).items
        dense = (asked.bfloat16() @ self._coarse.T).topk(depth).indices
        lexical = coverage.topk(depth).indices
        items = torch.cat([generated, dense, lexical], dim=1).sort(dim=1).values
        repeated = torch.zeros_like(items, dtype=torch.bool)
        repeated[:, 1:] = items[:, 1:] == items[:, :-1]
        return items.masked_fill(repeated, -1)
