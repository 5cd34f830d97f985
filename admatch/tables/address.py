"""Files at addresses such as ``s3://bucket/folder``: ``file_system``, ``at_hand``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from admatch.errors import AdmatchError, InputError, MissingDependencyError
from admatch.messages import say


def address_of(path: str | Path) -> str:
    """Return a file's absolute path, or an address with the slashes that ``Path`` took from it.

    Workers have a working folder of their own, where a relative path would lead elsewhere.
    """
    scheme, mark, rest = str(path).partition(":/")
    if mark and len(scheme) > 1 and "/" not in scheme:
        return ("/" if scheme in ("file", "local") else f"{scheme}://") + rest.lstrip("/")
    return str(Path(path).absolute())


def file_system(name: str) -> tuple[Any, str]:
    """Return fsspec's file system for a path or an address, and the path in it.

    Raises ``MissingDependencyError`` where a package for this kind of address is missing.
    """
    try:
        import fsspec
    except ImportError:
        raise MissingDependencyError(say("tables.address.needs_fsspec", address=name)) from None
    try:
        fs, path = fsspec.core.url_to_fs(name)
    except ImportError as error:
        raise MissingDependencyError(
            say("tables.address.needs_package", address=name, why=str(error))
        ) from None
    except Exception as error:
        raise unreached(name, error) from error
    return fs, str(path)


def local_path(path: str | Path) -> Path | None:
    """Return the path of a file on this machine, None for one that is elsewhere."""
    address = address_of(path)
    if "://" in address:
        return None
    return Path(address) if ":/" in str(path) else Path(path)  # a relative one stays as named


@contextmanager
def at_hand(path: str | Path) -> Iterator[Path]:
    """Yield a local path of a file or a folder: its own, or that of a copy from an address."""
    if here := local_path(path):
        yield here
        return
    address = address_of(path)
    fs, remote = file_system(address)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / Path(remote).name
        with reaching(address):
            if not fs.exists(remote):
                raise InputError(say("tables.address.nothing_there", address=address))
            fs.get(remote, str(copy), recursive=True)
        yield copy


@contextmanager
def reaching(name: str) -> Iterator[None]:
    """Turn whatever a store raises into one ``InputError``; each store has its own errors."""
    try:
        yield
    except AdmatchError:
        raise
    except Exception as error:
        raise unreached(name, error) from error


def unreached(name: str, error: Exception) -> InputError:
    """Return the error that says why an address cannot be reached."""
    return InputError(say("tables.address.unreachable", address=name, why=str(error)))
