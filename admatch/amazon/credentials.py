"""Who asks Amazon: ``Credentials``, from the environment or from a file nobody else can read."""

import os
import stat
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from admatch.errors import InputError

PREFIX = "ADMATCH_ADS_"  # ADMATCH_ADS_CLIENT_ID and so on
_HIDDEN = "***"
_SHORTEST = 6  # what is shorter stands in texts by chance


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """A Login with Amazon application and the refresh token of one who lets it in."""

    client_id: str
    client_secret: str
    refresh_token: str

    def __repr__(self) -> str:
        return f"Credentials({_HIDDEN})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be read nowhere."""
        return self.client_id, self.client_secret, self.refresh_token


_NAMES = tuple(field.name for field in fields(Credentials))


def read_credentials(
    file: Path | None = None, environment: Mapping[str, str] | None = None
) -> Credentials:
    """Return the credentials of a TOML file or, without one, of environment variables.

    The file has client_id, client_secret and refresh_token, and only its owner may read it.
    Raises ``InputError`` that says which is missing, never what one is.
    """
    if file is not None:
        return _from_file(file)
    known = os.environ if environment is None else environment
    found = {name: known.get(PREFIX + name.upper(), "").strip() for name in _NAMES}
    missing = [PREFIX + name.upper() for name, value in found.items() if not value]
    if missing:
        raise InputError(
            f"{', '.join(missing)} is not set in the environment; set it, or name a file with "
            'credentials = "…" under [amazon] of the job'
        )
    return Credentials(**found)


def hidden(text: str, secrets: tuple[str, ...]) -> str:
    """Return ``text`` with every secret in it made ``***``."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, _HIDDEN)
    return text


def _from_file(file: Path) -> Credentials:
    try:
        with file.open("rb") as held:
            _check_mode(file, os.fstat(held.fileno()).st_mode)
            told = tomllib.load(held)
    except OSError as error:
        raise InputError(f"{file.name}: {error.strerror}; check the path in the job") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):  # its text would quote the file
        raise InputError(f'{file.name}: this is no TOML; write client_id = "…" a line') from None
    found = {name: told.get(name) for name in _NAMES}
    missing = [name for name, value in found.items() if not (isinstance(value, str) and value)]
    if missing:
        raise InputError(f"{file.name}: {', '.join(missing)} is missing; write it as text")
    return Credentials(**{name: str(value) for name, value in found.items()})


def _check_mode(file: Path, mode: int) -> None:
    """Raise where others than the owner may read or write; Windows knows no such modes."""
    if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
        raise InputError(
            f"{file.name}: others may read it (mode {stat.S_IMODE(mode):04o}), and it holds "
            f"secrets; run: chmod 600 '{file}'"
        )
