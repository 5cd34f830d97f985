"""Where the commands keep between runs what they would make again: the user's cache."""

import os
from pathlib import Path

VARIABLE = "ADMATCH_CACHE"
MOST_BYTES = 2**30  # 1.3 million texts of 384 dimensions
_KEPT = ("*/*.vectors", "*/*.matches")


def cache_folder() -> Path | None:
    """Return where things are kept; None where ``ADMATCH_CACHE`` is set to nothing.

    ``ADMATCH_CACHE`` names it, else it is ``admatch`` among the user's caches. It may be deleted
    at any time.
    """
    given = os.environ.get(VARIABLE)
    if given is not None:
        return Path(given) if given else None
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(home) if home else Path.home() / ".cache") / "admatch"


def cache_place(name: str) -> Path | None:
    """Return a folder of the cache that can be written to, by the user alone, or None.

    Where all that is kept takes more than ``MOST_BYTES``, the oldest go.
    """
    folder = cache_folder()
    if folder is None:
        return None
    try:
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_room(folder)
    except OSError:
        return None  # a home that cannot be written to
    return folder / name if os.access(folder / name, os.W_OK) else None


def _make_room(folder: Path) -> None:
    files = []
    for path in (path for kind in _KEPT for path in folder.glob(kind)):
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
