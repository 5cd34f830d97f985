"""What an analysis caches for its next run: ``Cache``.

Text vectors, what terms retrieve, and fitted models. ``FolderCache`` keeps them in the user's
cache, ``jobs.store.cache.WorkspaceCache`` in a job's workspace.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl

import admatch
from admatch.tables.atomic import replacing

if TYPE_CHECKING:
    from admatch.encode.protocol import Encoder
    from admatch.index.index import Index
    from admatch.match.universal import UniversalModel
    from admatch.pipeline.fit import Fit

VARIABLE = "ADMATCH_CACHE"
MOST_BYTES = 2**30  # 650,000 texts of 384 dimensions
_CACHED = ("*/*.vectors", "*/*.matches", "*/*.fit")


class Cache(Protocol):
    """Keeps results that take time; a cached result equals one computed again."""

    def encoder(self, encoder: "Encoder") -> "Encoder":
        """Return the encoder with its text vectors cached."""

    def model(self, model: "UniversalModel") -> "UniversalModel":
        """Return the model with the tables of its universe cached."""

    def matches(self, key: str) -> pl.DataFrame | None:
        """Return a row for each term cached under this key (``matching.SCHEMA``), or None."""

    def keep_matches(self, key: str, new: pl.DataFrame, index: "Index") -> None:
        """Cache what new terms retrieve from an index."""

    def fit(self, key: str) -> "Fit | None":
        """Return the fit cached under this key, or None."""

    def keep_fit(self, key: str, fit: "Fit") -> None:
        """Cache a fit."""


class NoCache:
    """Caches nothing."""

    def encoder(self, encoder: "Encoder") -> "Encoder":
        """Return the encoder as it is."""
        return encoder

    def model(self, model: "UniversalModel") -> "UniversalModel":
        """Return the model as it is."""
        return model

    def matches(self, key: str) -> pl.DataFrame | None:
        """Return None."""

    def keep_matches(self, key: str, new: pl.DataFrame, index: "Index") -> None:
        """Do nothing."""

    def fit(self, key: str) -> "Fit | None":
        """Return None."""

    def keep_fit(self, key: str, fit: "Fit") -> None:
        """Do nothing."""


class FolderCache:
    """The user's cache on disk (``cache_folder``); without one, nothing is cached."""

    def encoder(self, encoder: "Encoder") -> "Encoder":
        """Return the encoder with its text vectors cached."""
        from admatch.pipeline.cached_models import with_cache

        return with_cache(encoder)

    def model(self, model: "UniversalModel") -> "UniversalModel":
        """Return the model with the tables of its universe cached."""
        from admatch.pipeline.cached_models import with_cached_tables

        return with_cached_tables(model)

    def matches(self, key: str) -> pl.DataFrame | None:
        """Return what is cached; None if the file is missing or cut off."""
        file = _file("matches", key)
        try:
            return pl.read_parquet(file) if file else None
        except (OSError, pl.exceptions.PolarsError):
            return None

    def keep_matches(self, key: str, new: pl.DataFrame, index: "Index") -> None:
        """Add the terms to those that are cached, except what another run has added meanwhile."""
        file, known = _file("matches", key), self.matches(key)
        if file is not None:
            every = new if known is None else pl.concat([known, new])
            with suppress(OSError), replacing(file) as draft:
                every.unique("search_term", keep="first", maintain_order=True).write_parquet(draft)

    def fit(self, key: str) -> "Fit | None":
        """Return what is cached; None if the file is missing or cut off."""
        from admatch.pipeline.fit import Fit

        file = _file("fits", key)
        try:
            return Fit.from_dict(json.loads(file.read_text("utf-8"))) if file else None
        except (OSError, ValueError):
            return None

    def keep_fit(self, key: str, fit: "Fit") -> None:
        """Write the fit as JSON."""
        file = _file("fits", key)
        if file is not None:
            with suppress(OSError), replacing(file) as draft:
                draft.write_text(json.dumps(fit.to_dict()), encoding="utf-8")


def stamps_of_admatch() -> list[tuple[str, int, int]]:
    """Return the stamps of admatch's own files: other code may come to other results."""
    return stamps(Path(admatch.__file__).parent.rglob("*"))


def stamps(paths: Iterable[Path]) -> list[tuple[str, int, int]]:
    """Return names, sizes and times, which change when one of the files does."""
    files = sorted(path for path in paths if path.is_file() and path.suffix != ".pyc")
    return [(str(path), (known := path.stat()).st_size, known.st_mtime_ns) for path in files]


def _file(kind: str, key: str) -> Path | None:
    folder = cache_subfolder(kind)
    name = f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.{kind.removesuffix('s')}"
    return folder and folder / name.replace(".matche", ".matches")


def cache_folder() -> Path | None:
    """Return the folder of the cache; None if ``ADMATCH_CACHE`` is set but empty.

    ``ADMATCH_CACHE`` names the folder; by default it is ``admatch`` in the user's caches. It may be
    deleted at any time.
    """
    given = os.environ.get(VARIABLE)
    if given is not None:
        return Path(given) if given else None
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(home) if home else Path.home() / ".cache") / "admatch"


def cache_subfolder(name: str) -> Path | None:
    """Return a folder of the cache that only the user can write to, or None.

    If the cache takes more than ``MOST_BYTES``, the oldest files are deleted.
    """
    folder = cache_folder()
    if folder is None:
        return None
    try:
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_room(folder)
    except OSError:
        return None  # a read-only home
    return folder / name if os.access(folder / name, os.W_OK) else None


def _make_room(folder: Path) -> None:
    files = []
    for path in (path for kind in _CACHED for path in folder.glob(kind)):
        try:
            known = path.stat()
        except FileNotFoundError:
            continue  # another process deleted it
        files.append((known.st_mtime, known.st_size, path))
    total = 0
    for _, size, path in sorted(files, reverse=True):
        total += size
        if total > MOST_BYTES:
            path.unlink(missing_ok=True)
