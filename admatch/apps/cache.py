"""What the commands keep between runs, so that nothing is encoded twice: the user's cache."""

import hashlib
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from admatch import __version__
from admatch.encode.protocol import Encoder
from admatch.generate.generator import Generator
from admatch.match.universal import UniversalModel
from admatch.tables.atomic import replacing
from admatch.training.kept_encoder import KeptEncoder

VARIABLE = "ADMATCH_CACHE"
MOST_BYTES = 2**30  # 1.3 million texts of 384 dimensions


def cache_folder() -> Path | None:
    """Return where vectors of texts are kept; None where ``ADMATCH_CACHE`` is set to nothing.

    ``ADMATCH_CACHE`` names it, else it is ``admatch`` among the user's caches. It may be deleted
    at any time.
    """
    given = os.environ.get(VARIABLE)
    if given is not None:
        return Path(given) if given else None
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(home) if home else Path.home() / ".cache") / "admatch"


def keeping(encoder: Encoder) -> Encoder:
    """Return the encoder with its vectors of texts kept for the next run, where that can be.

    They are kept by the encoder's name and admatch's version; where all take more than
    ``MOST_BYTES``, the oldest go.
    """
    folder = cache_folder()
    if folder is None:
        return encoder
    own = hashlib.sha256(f"{encoder.name} {__version__}".encode()).hexdigest()[:16]
    try:
        (folder / own).mkdir(parents=True, exist_ok=True)
        _make_room(folder)
    except OSError:
        return encoder  # a home that cannot be written to
    return KeptEncoder(encoder, folder / own) if os.access(folder / own, os.W_OK) else encoder


def quickly_opened(model: UniversalModel) -> UniversalModel:
    """Return the model with the tables of its universe kept for the next run.

    They take a second to make, half of what the start of a small job costs after its imports.
    """
    folder = cache_folder()
    if folder is None:
        return model
    universe = model.universe
    codes = (universe.ids.tobytes(), universe.codes.detail.tobytes())
    told = b"".join((__version__.encode(), model.codebooks.hash.encode(), *codes))
    path = folder / f"universe-{hashlib.sha256(told).hexdigest()[:16]}.safetensors"
    try:
        tables = load_file(path)
    except (OSError, SafetensorError):
        tables = {name: one.contiguous() for name, one in universe.tables().items()}
        with suppress(OSError), replacing(path) as draft:
            save_file(tables, draft)
    kept = Generator(model.codebooks, universe.ids[:, 0], universe.codes, tables)
    return replace(model, universe=kept)


def _make_room(folder: Path) -> None:
    files = []
    for path in folder.glob("*/*.vectors"):
        try:
            told = path.stat()
        except FileNotFoundError:
            continue  # another process made room, too
        files.append((told.st_mtime, told.st_size, path))
    kept = 0
    for _, size, path in sorted(files, reverse=True):
        kept += size
        if kept > MOST_BYTES:
            path.unlink(missing_ok=True)
