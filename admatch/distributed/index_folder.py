"""An index's folder, here or at an address: the digest of its content, and transfers."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from admatch.distributed.files import digest_of, names_in, remove_files, try_writing, write_file
from admatch.errors import InputError
from admatch.index.parts import MANIFEST, MODEL, PICTURES, TUNED
from admatch.messages import say
from admatch.tables.address import address_of, file_system, local_path, reaching

_OPTIONAL = (PICTURES, TUNED)  # files that not every index has


@dataclass(frozen=True, slots=True)
class Content:
    """A digest that changes with an index, and the size of its files in bytes."""

    digest: str
    size: int


def index_content(address: str) -> Content:
    """Return the content of an index; raises ``InputError`` where there is none."""
    names = sorted(names_in(address))
    if MANIFEST not in names:
        raise InputError(say("distributed.index.none", address=address, manifest=MANIFEST))
    fs, root = file_system(address)
    digests = [f"{name}\0{digest_of(f'{address}/{name}')}" for name in names]
    with reaching(address):
        size = sum(fs.size(f"{root}/{name}") for name in names)
    return Content(hashlib.sha256("\0".join(digests).encode()).hexdigest(), size)


def local_index(address: str) -> Path:
    """Return the folder of an index; one at an address is fetched once a machine and user."""
    if "://" not in address:
        return Path(address)
    folder = Path.home() / ".cache" / "admatch" / index_content(address).digest
    if not folder.is_dir():
        draft = folder.with_name(f"{folder.name}.{os.getpid()}")
        _fetch(address, draft)
        try:
            os.rename(draft, folder)
        except OSError:  # another worker of this machine was faster
            shutil.rmtree(draft)
    return folder


@contextmanager
def open_index_folder(path: str | Path) -> Iterator[Path]:
    """Yield the folder to write an index into; for an address it is sent there afterwards.

    An index that is there already is in the folder. The manifest is removed first and sent last, so
    that nobody takes a partial index for a whole one.
    """
    if here := local_path(path):
        yield here
        return
    address = address_of(path)
    try_writing(address)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "index"
        if MANIFEST in names_in(address):
            _fetch(address, folder)
        yield folder
        _send(folder, address)


def _fetch(address: str, folder: Path) -> None:
    fs, root = file_system(address)
    with reaching(address):
        fs.get(f"{root}/", f"{folder}/", recursive=True)


def _send(folder: Path, address: str) -> None:
    fs, root = file_system(address)
    own = {one.relative_to(folder).as_posix(): one for one in folder.rglob("*") if one.is_file()}
    manifest = own.pop(MANIFEST)
    stale = [one for one in names_in(address) if one in _OPTIONAL or one.startswith(f"{MODEL}/")]
    remove_files(address, [MANIFEST, *stale])
    with reaching(address):
        for name, path in own.items():
            fs.put_file(str(path), f"{root}/{name}")
    write_file(address, MANIFEST, manifest.read_bytes())
