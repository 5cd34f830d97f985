"""Accounts of the workspace, their secrets and their sessions."""

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from admatch.errors import InputError, shorten
from admatch.messages import say
from admatch.store.workspace import Row, Workspace, now

LOCAL = "local"  # the account of whoever uses this computer
SHORTEST = 12  # letters of a secret that a person chose
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}$")
_SESSION = timedelta(days=14)
_COST = {"n": 2**14, "r": 8, "p": 1}  # scrypt: 16 MiB and 50 ms a guess


@dataclass(frozen=True, slots=True)
class Account:
    """One owner of data; no account ever sees anything of another."""

    id: str
    name: str
    keep_days: int | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that has signed in; whatever it changes needs ``csrf``."""

    account: Account
    csrf: str


def add_account(workspace: Workspace, name: str, secret: str | None = None) -> str:
    """Make an account; return its secret, which is stored only as a hash.

    Raises InputError for a name that is taken, reserved or unusual, and for a short secret.
    """
    if not _NAME.fullmatch(name):
        raise InputError(say("web.account.name", name=shorten(name)))
    if name.lower() == LOCAL:  # an open server answers it without any secret
        raise InputError(say("web.account.reserved", name=name))
    if find_account(workspace, name):
        raise InputError(say("web.account.taken", name=name))
    account_id = secrets.token_hex(8)
    chosen = secret or f"adm_{account_id}_{secrets.token_urlsafe(32)}"
    salt, digest = _hashed(chosen)
    with workspace.writing() as transaction:
        transaction.run(
            "INSERT INTO accounts VALUES (?, ?, ?, ?, NULL, ?)",
            [account_id, name, salt, digest, now()],
        )
    return chosen


def set_secret(workspace: Workspace, account: Account, secret: str | None) -> None:
    """Set what an account signs in with; None where it needs nothing.

    Another secret ends every session of the account.
    """
    if _has_secret(workspace, account, secret):
        return
    salt, digest = _hashed(secret) if secret is not None else (None, None)
    with workspace.writing() as transaction:
        transaction.run(
            "UPDATE accounts SET salt = ?, secret = ? WHERE id = ?", [salt, digest, account.id]
        )
        transaction.run("DELETE FROM sessions WHERE account_id = ?", [account.id])


def _has_secret(workspace: Workspace, account: Account, secret: str | None) -> bool:
    """Return whether the account signs in with this secret already, or with none."""
    if secret is None:
        return secret_version(workspace, account.id) == b""
    return len(secret) >= SHORTEST and verified(workspace, account, secret)


def secret_version(workspace: Workspace, account_id: str) -> bytes:
    """Return bytes that change with an account's secret; none where it has no secret."""
    row = workspace.row("SELECT salt FROM accounts WHERE id = ?", [account_id])
    return bytes(row["salt"]) if row and row["salt"] else b""


def local_account(workspace: Workspace) -> Account:
    """Return the account of this computer's user, which is made if there is none."""
    found = find_account(workspace, LOCAL)
    if found is None:
        with workspace.writing() as transaction:
            transaction.run(
                "INSERT INTO accounts VALUES (?, ?, NULL, NULL, NULL, ?)", [LOCAL, LOCAL, now()]
            )
    return found or Account(LOCAL, LOCAL)


def secure_local(workspace: Workspace, token: str | None) -> bool:
    """Let the local account sign in with a token; return whether everybody has to sign in.

    Without a token the server is open, unless there are other accounts. An earlier version let
    ``local`` be the name of an account with a secret of its own, which is kept.
    """
    local = local_account(workspace)
    if token is not None or local.id == LOCAL:
        set_secret(workspace, local, token)
    others = len(all_accounts(workspace)) > 1
    return others or secret_version(workspace, local.id) != b""


def find_account(workspace: Workspace, name: str) -> Account | None:
    """Return the account of this name, or None."""
    return _account(workspace.row("SELECT * FROM accounts WHERE name = ?", [name]))


def account_by_id(workspace: Workspace, account_id: str) -> Account | None:
    """Return the account of this id, or None."""
    return _account(workspace.row("SELECT * FROM accounts WHERE id = ?", [account_id]))


def all_accounts(workspace: Workspace) -> list[Account]:
    """Return every account, by name."""
    rows = workspace.rows("SELECT * FROM accounts ORDER BY name")
    return [account for row in rows if (account := _account(row))]


def keep_for(workspace: Workspace, account: Account, days: int | None) -> None:
    """Set after how many days an account's uploads and runs are deleted; None: never."""
    with workspace.writing() as transaction:
        transaction.run("UPDATE accounts SET keep_days = ? WHERE id = ?", [days, account.id])


def verified(workspace: Workspace, account: Account, secret: str) -> bool:
    """Return whether the secret is the account's; a wrong one takes as long."""
    row = workspace.row("SELECT salt, secret FROM accounts WHERE id = ?", [account.id])
    salt = bytes(row["salt"]) if row and row["salt"] else bytes(16)
    known = bytes(row["secret"]) if row and row["secret"] else b""
    return hmac.compare_digest(_hashed(secret, salt)[1], known)


def open_session(workspace: Workspace, account: Account) -> tuple[str, Session]:
    """Return a new session's cookie, which is stored only as a hash, and the session."""
    cookie, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    with workspace.writing() as transaction:
        transaction.run("DELETE FROM sessions WHERE expires < ?", [now()])
        transaction.run(
            "INSERT INTO sessions VALUES (?, ?, ?, ?, ?)",
            [_key(cookie), account.id, csrf, now(), now() + _SESSION],
        )
    return cookie, Session(account, csrf)


def find_session(workspace: Workspace, cookie: str, *, open_access: bool = True) -> Session | None:
    """Return the session that a cookie belongs to, or None where it is over.

    Where everybody has to sign in (no ``open_access``), a session of an account without a secret
    is over too: nobody ever signed in to it.
    """
    row = workspace.row(
        "SELECT accounts.*, csrf FROM sessions JOIN accounts ON accounts.id = account_id"
        " WHERE key = ? AND expires > ? AND (secret IS NOT NULL OR ?)",
        [_key(cookie), now(), open_access],
    )
    account = _account(row)
    return Session(account, row["csrf"]) if row and account else None


def close_session(workspace: Workspace, cookie: str) -> None:
    """End a session."""
    with workspace.writing() as transaction:
        transaction.run("DELETE FROM sessions WHERE key = ?", [_key(cookie)])


def _account(row: Row | None) -> Account | None:
    return Account(row["id"], row["name"], row["keep_days"]) if row else None


def _hashed(secret: str, salt: bytes | None = None) -> tuple[bytes, bytes]:
    if len(secret) < SHORTEST and salt is None:
        raise InputError(say("web.account.short_secret", n=SHORTEST))
    salt = salt or os.urandom(16)
    return salt, hashlib.scrypt(secret.encode(), salt=salt, **_COST)


def _key(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
