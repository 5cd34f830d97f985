"""Approximate nearest neighbours with faiss: a graph, and two product codes of equal size."""

import faiss
import numpy as np

LINKS, BUILD_WIDTH, SEARCH_WIDTH = 32, 200, 128
LISTS, SUBSPACES = 256, 48  # one byte for the list, 48 for the place in it
RESIDUALS = 51  # bytes: 5 + 8 + 8 bits of admatch's tree and 48 bytes of detail, rounded up
RESIDUAL_SAMPLE = 20_000


def hnsw(vectors: np.ndarray, queries: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Return what a graph over the full vectors finds; ``seed`` shuffles the order of insertion."""
    order = np.random.default_rng(seed).permutation(len(vectors))
    index = faiss.IndexHNSWFlat(vectors.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = BUILD_WIDTH, SEARCH_WIDTH
    index.add(vectors[order])
    return order[index.search(queries, k)[1]]


def ivf_pq(fitted_to: np.ndarray, vectors: np.ndarray, seed: int) -> faiss.IndexIVFPQ:
    """Return an index of 49 bytes a product: IVF 256, then 48 sub-quantizers of the residual."""
    dim = vectors.shape[1]
    index = faiss.IndexIVFPQ(
        faiss.IndexFlatIP(dim), dim, LISTS, SUBSPACES, 8, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.seed = index.pq.cp.seed = seed
    index.train(fitted_to)
    index.add(vectors)
    return index


def probe(index: faiss.IndexIVFPQ, queries: np.ndarray, k: int, lists: int) -> np.ndarray:
    """Return what a search of the nearest ``lists`` lists finds."""
    index.nprobe = lists
    return index.search(queries, k)[1]


def residual_adc(
    fitted_to: np.ndarray, vectors: np.ndarray, queries: np.ndarray, k: int, seed: int
) -> np.ndarray:
    """Return what additive search over 51 residual bytes a product finds, every product scored."""
    index = faiss.IndexResidualQuantizer(vectors.shape[1], RESIDUALS, 8, faiss.METRIC_INNER_PRODUCT)
    index.rq.max_beam_size, index.rq.cp.niter, index.rq.cp.seed = 1, 10, seed
    index.train(fitted_to[:RESIDUAL_SAMPLE])
    index.add(vectors)
    return index.search(queries, k)[1]
