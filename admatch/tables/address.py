"""Files at addresses such as ``s3://bucket/folder``: ``file_system``."""

from typing import Any

from admatch.errors import InputError, MissingDependencyError


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


def unreached(name: str, error: Exception) -> InputError:
    """Return the sentence that tells why an address cannot be looked up."""
    return InputError(f"'{name}' cannot be looked up ({error}); check the address")
