"""TIGER-like: 3 x 256 residual codes, a digit that tells equal ones apart, a small decoder."""

import numpy as np
import torch

from admatch.ids.trie import Trie
from tests.benchmarks.baselines.fit_decoder import fit_decoder
from tests.benchmarks.baselines.prefix_decoder import PrefixDecoder, Shape
from tests.benchmarks.baselines.residual import fit_residual, residual_codes
from tests.benchmarks.baselines.trie_beam import generate

SIZES = (256, 256, 256)
DIGITS = 256  # a leaf is shared from the 257th product with the same three codes on


class Tiger:
    """Trained on ``vectors`` (n, dim) of products and queries (m, dim) about products ``own``.

    ``fitted_to`` are the vectors that the codebooks are fitted to.
    """

    def __init__(
        self,
        fitted_to: np.ndarray,
        vectors: np.ndarray,
        queries: torch.Tensor,
        own: torch.Tensor,
        seed: int,
    ) -> None:
        torch.manual_seed(seed)
        self.books = fit_residual(fitted_to, SIZES, seed)
        decoder = PrefixDecoder((*SIZES, DIGITS), vectors.shape[1], Shape())
        ids = torch.from_numpy(self.ids(vectors).astype(np.int64))[own]
        self.decoder = fit_decoder(decoder, queries, ids, lambda batch, _: batch, seed)

    def ids(self, vectors: np.ndarray) -> np.ndarray:
        """Return the IDs of a catalog's products, (n, 4)."""
        codes = residual_codes(vectors, self.books)
        return np.column_stack([codes, _digits(codes) % DIGITS]).astype(np.int16)

    def search(self, vectors: np.ndarray, queries: np.ndarray, k: int) -> np.ndarray:
        """Return the k best products of each query."""
        trie = Trie.from_ids(self.ids(vectors))
        return generate(self.decoder, trie, torch.from_numpy(queries), k).numpy()


def _digits(codes: np.ndarray) -> np.ndarray:
    """Return how many products before each one have its codes."""
    _, group = np.unique(codes, axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    ordered = group.ravel()[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    digits = np.empty(len(codes), np.int64)
    digits[order] = np.arange(len(codes)) - np.repeat(starts, np.diff(np.r_[starts, len(codes)]))
    return digits
