"""GENIUS-like: a modality code, then residual codes; queries interpolated with their targets.

Scaled down to what two cores train: 8 levels of 512 codes instead of 4,096, 2 layers of width 256
instead of 6 of 512, 8 prefix vectors instead of 30. The codebooks are k-means of the frozen
vectors: there is no encoder whose space a contrastive loss could shape.
"""

import numpy as np
import torch
from torch import Tensor

from admatch.ids.trie import Trie
from tests.benchmarks.baselines.fit_decoder import fit_decoder
from tests.benchmarks.baselines.prefix_decoder import PrefixDecoder, Shape
from tests.benchmarks.baselines.residual import fit_residual, residual_codes
from tests.benchmarks.baselines.trie_beam import generate

MODALITIES = 3
SIZES = (512,) * 8
PUBLISHED_SIZES, PUBLISHED_SHAPE = (4096,) * 8, Shape(layers=6, width=512, heads=8, prefixes=30)


class Genius:
    """Trained on ``vectors`` (n, dim) of products and queries (m, dim) about products ``own``.

    ``fitted_to`` are the vectors that the codebooks are fitted to.
    """

    def __init__(
        self, fitted_to: np.ndarray, vectors: np.ndarray, queries: Tensor, own: Tensor, seed: int
    ) -> None:
        torch.manual_seed(seed)
        self.books = fit_residual(fitted_to, SIZES, seed)
        decoder = PrefixDecoder((MODALITIES, *SIZES), vectors.shape[1], Shape())
        _start_from(decoder, self.books)
        ids = torch.from_numpy(self.ids(vectors).astype(np.int64))[own]
        targets, half = torch.from_numpy(vectors), torch.distributions.Beta(2.0, 2.0)

        def augment(batch: Tensor, rows: Tensor) -> Tensor:
            share = half.sample((len(batch), 1))
            mixed = share * batch + (1 - share) * targets[own[rows]]
            return torch.nn.functional.normalize(mixed, dim=1)

        self.decoder = fit_decoder(decoder, queries, ids, augment, seed)

    def ids(self, vectors: np.ndarray) -> np.ndarray:
        """Return the IDs of a catalog's products, (n, 9); all of them are text."""
        codes = residual_codes(vectors, self.books)
        return np.column_stack([np.zeros(len(codes), np.int16), codes])

    def search(self, vectors: np.ndarray, queries: np.ndarray, k: int) -> np.ndarray:
        """Return the k best products of each query."""
        trie = Trie.from_ids(self.ids(vectors))
        return generate(self.decoder, trie, torch.from_numpy(queries), k).numpy()


def reranked(found: np.ndarray, vectors: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Return found products in the order of their stored vectors' cosine (GENIUS^R)."""
    cosine = np.einsum("qd,qkd->qk", queries, vectors[found])
    cosine[found < 0] = -np.inf
    return np.take_along_axis(found, np.argsort(-cosine, axis=1, kind="stable"), axis=1)


@torch.no_grad()
def _start_from(decoder: PrefixDecoder, books: list[np.ndarray]) -> None:
    """Make the codes' embeddings start as their code vectors, projected (Johnson–Lindenstrauss)."""
    rows = torch.from_numpy(np.concatenate(books))
    width = decoder.codes.weight.shape[1]
    projected = rows @ torch.randn(rows.shape[1], width)
    start = int(decoder.starts[1])
    decoder.codes.weight[start:] = projected / projected.norm(dim=1).mean()
