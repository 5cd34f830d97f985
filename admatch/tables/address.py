"""Files at addresses such as ``s3://bucket/folder``: ``file_system``, ``at_hand``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from admatch.errors import AdmatchError, InputError, MissingDependencyError


def address_of(place: str | Path) -> str:
    """Return the whole path of a file, or an address with the slashes that ``Path`` took from it.

    Workers have a working folder of their own, where a relative path would lead elsewhere.
    """
    scheme, mark, rest = str(place).partition(":/")
    if mark and len(scheme) > 1 and "/" not in scheme:
        return ("/" if scheme in ("file", "local") else f"{scheme}://") + rest.lstrip("/")
    return str(Path(place).absolute())


def file_system(name: str) -> tuple[Any, str]:
    """Return fsspec's file system for a path or an address, and the path in it.

    Raises MissingDependencyError where a package for this kind of address is missing.
    """
    try:
        import fsspec
    except ImportError:
        raise MissingDependencyError(
            f"'{name}' is an address, which needs fsspec; run: pip install fsspec"
        ) from None
    try:
        fs, path = fsspec.core.url_to_fs(name)
    except ImportError as error:
        raise MissingDependencyError(f"'{name}' needs another package: {error}") from None
    except Exception as error:
        raise unreached(name, error) from error
    return fs, str(path)


def local_path(place: str | Path) -> Path | None:
    """Return the path of a file on this machine, None for one that is elsewhere."""
    address = address_of(place)
    if "://" in address:
        return None
    return Path(address) if ":/" in str(place) else Path(place)  # relative ones stay as named


@contextmanager
def at_hand(place: str | Path) -> Iterator[Path]:
    """Yield where a file or a folder can be read: itself, or a copy of what is at an address."""
    if here := local_path(place):
        yield here
        return
    address = address_of(place)
    fs, path = file_system(address)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / Path(path).name
        with reaching(address):
            if not fs.exists(path):
                raise InputError(f"'{address}' leads to nothing; correct it, or put a file there")
            fs.get(path, str(copy), recursive=True)
        yield copy


@contextmanager
def reaching(name: str) -> Iterator[None]:
    """Turn what a store raises, each its own, into the sentence that tells of it."""
    try:
        yield
    except AdmatchError:
        raise
    except Exception as error:
        raise unreached(name, error) from error


def unreached(name: str, error: Exception) -> InputError:
    """Return the sentence that tells why what is at an address cannot be had."""
    return InputError(
        f"'{name}' cannot be reached ({error}); check the address, and the rights to it"
    )
