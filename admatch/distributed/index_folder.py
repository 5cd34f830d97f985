"""An index's folder, here or at an address: what tells its content, and where workers read it."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from admatch.distributed.places import digest_of, names_in
from admatch.errors import InputError
from admatch.index_files import MANIFEST
from admatch.tables.address import file_system


@dataclass(frozen=True, slots=True)
class Content:
    """What changes when an index does, and its size in bytes."""

    digest: str
    size: int


def index_content(address: str) -> Content:
    """Return the content of an index; raises InputError where there is none."""
    names = sorted(names_in(address))
    if MANIFEST not in names:
        raise InputError(
            f"{address} holds no index (no {MANIFEST}); make one with `admatch index`, in a folder "
            "that every worker sees"
        )
    fs, root = file_system(address)
    told = [f"{name}\0{digest_of(f'{address}/{name}')}" for name in names]
    size = sum(fs.size(f"{root}/{name}") for name in names)
    return Content(hashlib.sha256("\0".join(told).encode()).hexdigest(), size)


def local_index(address: str) -> Path:
    """Return the folder of an index, fetched once a machine and user where it is elsewhere."""
    if "://" not in address:
        return Path(address)
    folder = Path.home() / ".cache" / "admatch" / index_content(address).digest
    if not folder.is_dir():
        fs, root = file_system(address)
        draft = folder.with_name(f"{folder.name}.{os.getpid()}")
        fs.get(f"{root}/", f"{draft}/", recursive=True)
        try:
            os.rename(draft, folder)
        except OSError:  # another worker of this machine was faster
            shutil.rmtree(draft)
    return folder
