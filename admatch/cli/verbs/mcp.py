"""``admatch mcp``: the door for agents, over the Model Context Protocol."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from admatch.agents.budget import ANSWER_TOKENS, FEWEST_TOKENS
from admatch.cli.console import plain, stderr
from admatch.messages import say


def mcp(
    root: Annotated[
        Path | None,
        typer.Option(
            "--root", metavar="FOLDER", help="The only folder that agents may read and write."
        ),
    ] = None,
    http: Annotated[
        bool,
        typer.Option("--http", help="Serve by HTTP on this computer, not on stdin and stdout."),
    ] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="With --http; 0 takes a free one.")
    ] = 8766,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            envvar="ADMATCH_MCP_TOKEN",
            help="With --http, what agents sign in with; without one, it is made and printed.",
        ),
    ] = None,
    answer_tokens: Annotated[
        int,
        typer.Option("--answer-tokens", min=FEWEST_TOKENS, help="The most tokens of an answer."),
    ] = ANSWER_TOKENS,
    skill: Annotated[
        bool, typer.Option("--skill", help="Print a skill file for an agent, and stop.")
    ] = False,
) -> None:
    r"""Let an agent such as Claude ask admatch: check, match, recommend, what-if, and more.

    Nothing is changed at Amazon: the one tool that writes leaves a bulk file in the folder, with
    the file that undoes it. Needs pip install 'admatch\[mcp]'. For example:

    $ admatch mcp --root my-files
    $ admatch mcp --root my-files --http
    $ admatch mcp --skill
    """
    from admatch.agents.skill import skill_text

    if skill:
        sys.stdout.write(skill_text())
        return
    if root is None:
        raise typer.BadParameter(say("cli.usage.mcp_root"))
    from admatch.agents.open import HttpSettings, serve_agents

    settings = HttpSettings(port, token, _ready) if http else None
    serve_agents(root, _nights, http=settings, answer_tokens=answer_tokens)


def _nights(
    job: Path, account: str | None, check: Callable[[Path], object]
) -> list[dict[str, Any]]:
    from admatch.jobs.night_lines import read_night_lines  # slow: agents wait for the server

    return read_night_lines(job, account, check)


def _ready(address: str, token: str | None) -> None:
    stderr().print(plain(say("cli.mcp.listening", address=address)), soft_wrap=True)
    if token is not None:
        stderr().print(plain(say("cli.mcp.token", token=token)), soft_wrap=True)
