"""Files that appear whole or not at all."""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def is_full(error: OSError) -> bool:
    """Return whether a write failed because the disk, or what one may have of it, is full."""
    return error.errno in _FULL


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path`` to write a file or a folder to.

    When the block ends well, the draft replaces ``path``; when it raises, the draft is removed and
    ``path`` stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    mark = uuid.uuid4().hex[:8]
    # the suffixes stay at the end: some writers choose the format by them
    draft = path.with_name(f".{mark}.{path.name}")
    try:
        yield draft
        if draft.is_dir():
            _swap_folder(draft, path, path.with_name(f".{mark}.old.{path.name}"))
        else:
            os.replace(draft, path)
    finally:
        _remove(draft)


def _swap_folder(draft: Path, path: Path, aside: Path) -> None:
    """Put the folder ``draft`` at ``path``; a folder that is not empty cannot be renamed over."""
    if path.exists():
        os.rename(path, aside)
    try:
        os.rename(draft, path)
    except OSError:
        if aside.exists():
            os.rename(aside, path)
        raise
    _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
