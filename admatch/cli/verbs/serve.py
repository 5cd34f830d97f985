"""``admatch serve``: the web page, for this computer or for others with a token."""

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admatch.cli.console import plain, stderr, stdout
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.web.server import ServerSettings


def serve(
    workspace: Annotated[
        Path, typer.Option("--workspace", metavar="FOLDER", help="Where everything is kept.")
    ] = Path("admatch-workspace"),
    host: Annotated[
        str,
        typer.Option("--host", help="The address to listen on; any other than this needs a token."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8765,
    token: Annotated[
        str | None,
        typer.Option(
            "--token", envvar="ADMATCH_TOKEN", help="The token that everybody signs in with."
        ),
    ] = None,
    add_account: Annotated[
        str | None,
        typer.Option(
            "--add-account", metavar="NAME", help="Make an account, print its token, and stop."
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="A host name that browsers will use. Repeatable."),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=16, help="Runs at a time.")] = 2,
    keep_days: Annotated[
        int | None,
        typer.Option("--keep-days", min=1, help="Delete uploads and runs after this many days."),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="For https, as PEM.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="Its private key, as PEM.")
    ] = None,
    behind_https: Annotated[
        bool,
        typer.Option("--behind-https", help="A proxy provides https; cookies require it."),
    ] = False,
) -> None:
    """Open the web page: upload a catalog and a report, and look at the results in a browser.

    Nothing leaves this computer, and by default only this computer can connect. For example:

    $ admatch serve
    $ admatch serve --add-account anna --workspace /srv/admatch
    $ admatch serve --host 0.0.0.0 --workspace /srv/admatch --name ads.example.com
    """
    from admatch.store.workspace import Workspace
    from admatch.web.store.accounts import add_account as made

    if add_account is not None:
        opened = Workspace(workspace)
        secret = made(opened, add_account, token)
        opened.close()
        stdout().print(plain(secret))
        stderr().print(plain(say("cli.serve.token", account=add_account)))
        return
    secure = certificate is not None or behind_https
    settings = _settings(workspace, host, token, name or [], workers, keep_days, secure)
    _listen(workspace, settings, host, port, certificate, key)


def _settings(
    folder: Path,
    host: str,
    token: str | None,
    names: list[str],
    workers: int,
    keep_days: int | None,
    secure: bool,
) -> "ServerSettings":
    """Return how to serve; raises a usage error if anybody could connect without a token."""
    from admatch.store.workspace import Workspace
    from admatch.web.server import ServerSettings
    from admatch.web.store.accounts import secure_local

    workspace: Workspace = Workspace(folder)
    try:
        closed = secure_local(workspace, token)
    finally:
        workspace.close()
    if not _is_loopback(host) and not closed:
        raise typer.BadParameter(say("cli.usage.open_host", host=host))
    if names and not closed:
        raise typer.BadParameter(say("cli.usage.open_name"))
    hosts = ("localhost", "127.0.0.1", "[::1]", *(name.lower() for name in names))
    if not _is_loopback(host) and not names:
        hosts = ()  # every visitor needs a token
    return ServerSettings(
        open_access=not closed,
        hosts=hosts,
        workers=workers,
        keep_days=keep_days,
        secure=secure,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(
    folder: Path,
    settings: "ServerSettings",
    host: str,
    port: int,
    certificate: Path | None,
    key: Path | None,
) -> None:
    import tempfile

    from admatch.web.app import create_app
    from admatch.web.handshake import tls_context
    from admatch.web.listen import listen

    if key and not certificate:
        raise typer.BadParameter(say("cli.usage.key_alone"))
    context = tls_context(certificate, key) if certificate else None
    app = create_app(folder, settings)
    tempfile.tempdir = str(app.state.server.spool())
    scheme = "https" if certificate else "http"
    shown = f"[{host}]" if ":" in host else host
    address = f"{scheme}://{shown}:{port}"
    stderr().print(plain(say("cli.serve.listening", address=address)))
    behind_proxy = settings.secure and certificate is None
    listen(app, host, port, context=context, behind_proxy=behind_proxy)
