import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

# Two tests run at a time, on as many cores: threads of each would only stand in the other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import settings

from admatch.encode.protocol import Vectors
from admatch.errors import InputError
from admatch.generate.decoder import Decoder
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codebooks
from admatch.match.relevance import Logistic, RelevanceModel
from admatch.match.universal import UniversalModel

# No test writes into the user's home; what one has encoded, the others need not encode again.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["ADMATCH_CACHE"] = tempfile.mkdtemp(prefix="admatch-tests-")
    atexit.register(shutil.rmtree, os.environ["ADMATCH_CACHE"], ignore_errors=True)

# How long a case takes hangs on what else the machine does: no test is timed.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# What takes long to make and is made once a process: its tests are kept together.
COSTLY = ("browser", "served", "sample_index")

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
DIM = 16
OWN = Logistic((6.0, 1.0, 4.0, 0.5, 0.5, -2.0, 0.0, 0.0, 0.0, 0.0, -8.0, 0.5, 0.2, -0.3), 0.0)


def pytest_collection_modifyitems(items):
    """Tell pytest-xdist which tests to run in one process: those of a file or a costly fixture.

    The longest of these groups begin first, so that no process is left with one of them at the end.
    """
    for item in items:
        costly = (name for name in COSTLY if name in item.fixturenames)
        item.add_marker(pytest.mark.xdist_group(next(costly, str(item.path))))
    items.sort(key=lambda item: not any(name in item.fixturenames for name in COSTLY))


class WordEncoder:
    """A deterministic stand-in: a text's vector is the sum of fixed random vectors of its words."""

    name = "words"
    dim = DIM
    image_model = None

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        rows = [sum(map(_word_vector, text.lower().split()), np.zeros(DIM)) for text in texts]
        vectors = np.array(rows, dtype=np.float32).reshape(len(texts), DIM)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)

    def encode_images(self, images: Sequence[Path]) -> Vectors:
        raise InputError("this encoder reads text only")


def _word_vector(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).normal(size=DIM)


def random_unit(n: int, seed: int, dim: int = DIM) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def random_codebooks(seed: int, sizes: tuple[int, ...] = (3, 4, 5)) -> Codebooks:
    rng = np.random.default_rng(seed)
    shapes = [(size, DIM) for size in sizes]
    levels = (rng.standard_normal(one, np.float32) / (2 + i) for i, one in enumerate(shapes))
    return Codebooks(tuple(levels), rng.standard_normal((4, 256, DIM // 4), np.float32) / 8)


@pytest.fixture(scope="session")
def sample_index():
    """The sample's products, indexed by the models that come along."""
    from admatch.pipeline.cache import FolderCache
    from admatch.pipeline.open_index import ProductSource, open_index
    from admatch.progress import silent

    return open_index(ProductSource(SAMPLE / "catalog.csv"), silent, cache=FolderCache())


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture
def codebooks() -> Codebooks:
    return random_codebooks(7)


def small_model(codebooks: Codebooks) -> UniversalModel:
    universe = codebooks.encode(random_unit(40, seed=1))
    modalities = np.zeros(40, dtype=np.int16)
    return UniversalModel(
        "words",
        codebooks,
        Decoder.untrained(codebooks),
        Generator(codebooks, modalities, universe),
        RelevanceModel(OWN, replace(OWN, bias=1.0)),
        {"made": "for tests"},
    )


@pytest.fixture
def model(codebooks: Codebooks) -> UniversalModel:
    return small_model(codebooks)
