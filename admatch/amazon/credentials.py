"""The secrets of the Ads API: ``Credentials``, from the environment or a private file."""

import os
import stat
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from admatch.errors import InputError
from admatch.messages import say

PREFIX = "ADMATCH_ADS_"  # ADMATCH_ADS_CLIENT_ID and so on
_HIDDEN = "***"
_SHORTEST = 6  # anything shorter may occur in a text by chance


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """A Login with Amazon application, and the refresh token of an advertiser who authorised it."""

    client_id: str
    client_secret: str
    refresh_token: str

    def __repr__(self) -> str:
        return f"Credentials({_HIDDEN})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts that must never be shown or logged."""
        return self.client_id, self.client_secret, self.refresh_token


_NAMES = tuple(field.name for field in fields(Credentials))


def read_credentials(
    file: Path | None = None, environment: Mapping[str, str] | None = None
) -> Credentials:
    """Return the credentials of a TOML file or, without one, of environment variables.

    The file has client_id, client_secret and refresh_token, and only its owner may read it.
    Raises ``InputError`` naming what is missing; no value is ever quoted.
    """
    if file is not None:
        return _from_file(file)
    variables = os.environ if environment is None else environment
    values = {name: variables.get(PREFIX + name.upper(), "").strip() for name in _NAMES}
    missing = [PREFIX + name.upper() for name, value in values.items() if not value]
    if missing:
        names = ", ".join(missing)
        raise InputError(say("amazon.credentials.environment", names=names, n=len(missing)))
    return Credentials(**values)


def hidden(text: str, secrets: tuple[str, ...]) -> str:
    """Return ``text`` with every secret in it replaced by ``***``."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, _HIDDEN)
    return text


def _from_file(file: Path) -> Credentials:
    try:
        with file.open("rb") as opened:
            _check_mode(file, os.fstat(opened.fileno()).st_mode)
            entries = tomllib.load(opened)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise InputError(say("amazon.credentials.unreadable", file=file.name, why=why)) from None
    # The parser's own text would quote the file. A deeply nested file exhausts the parser's stack.
    except (ValueError, RecursionError):
        raise InputError(say("amazon.credentials.not_toml", file=file.name)) from None
    values = {name: entries.get(name) for name in _NAMES}
    missing = [name for name, value in values.items() if not (isinstance(value, str) and value)]
    if missing:
        names = ", ".join(missing)
        message = say("amazon.credentials.missing", file=file.name, names=names, n=len(missing))
        raise InputError(message)
    return Credentials(**{name: str(value) for name, value in values.items()})


def _check_mode(file: Path, mode: int) -> None:
    """Raise where anyone but the owner may read or write; Windows has no such modes."""
    if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
        shown = f"{stat.S_IMODE(mode):04o}"
        raise InputError(
            say("amazon.credentials.open_to_others", file=file.name, mode=shown, path=str(file))
        )
