"""Encoders and models that use the user's cache: ``with_cache``, ``with_cached_tables``."""

import hashlib
from contextlib import suppress
from dataclasses import replace

import numpy as np
from safetensors.numpy import save_file

from admatch import __version__
from admatch.encode.cached_encoder import CachedEncoder
from admatch.encode.protocol import Encoder
from admatch.generate.generator import Generator
from admatch.match.universal import UniversalModel
from admatch.pipeline.cache import cache_folder, cache_subfolder
from admatch.tables.atomic import replacing
from admatch.tables.mapped_arrays import read_mapped_arrays


def with_cache(encoder: Encoder) -> Encoder:
    """Return the encoder with its text vectors cached for the next run, where possible.

    The cache depends on the encoder's name, admatch's version and the number format, as decisions
    must not depend on which version encoded a text.
    """
    made_by = f"{encoder.name} {__version__} float32"
    own = hashlib.sha256(made_by.encode()).hexdigest()[:16]
    folder = cache_subfolder(own)
    return CachedEncoder(encoder, folder) if folder else encoder


def with_cached_tables(model: UniversalModel) -> UniversalModel:
    """Return the model with the tables of its universe cached for the next run.

    They take a second to build, half the start-up time of a small job after its imports.
    """
    folder = cache_folder()
    if folder is None:
        return model
    universe = model.universe
    codes = (universe.ids.tobytes(), universe.codes.detail.tobytes())
    identity = b"".join((__version__.encode(), model.codebooks.hash.encode(), *codes))
    path = folder / f"universe-{hashlib.sha256(identity).hexdigest()[:16]}.safetensors"
    try:
        tables = read_mapped_arrays(path)
    except (OSError, KeyError, ValueError):
        tables = {name: np.asarray(one, order="C") for name, one in universe.tables().items()}
        with suppress(OSError), replacing(path) as draft:
            save_file(tables, draft)
    cached = Generator(model.codebooks, universe.ids[:, 0], universe.codes, tables)
    return replace(model, universe=cached)
