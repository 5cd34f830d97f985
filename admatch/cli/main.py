"""The command ``admatch``: its verbs, its exit codes, and its error messages.

Nothing slow is imported here or at the top of a verb, so that help appears at once.
"""

import io
import os
import sys
import warnings
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from admatch import __version__
from admatch.cli.console import one_line, plain, stderr
from admatch.cli.spared_imports import spare_imports
from admatch.cli.verbs.apply import apply
from admatch.cli.verbs.audit import audit
from admatch.cli.verbs.check import check
from admatch.cli.verbs.demo import demo
from admatch.cli.verbs.explain import explain
from admatch.cli.verbs.fetch import fetch
from admatch.cli.verbs.history import history
from admatch.cli.verbs.index import index
from admatch.cli.verbs.match import match
from admatch.cli.verbs.mcp import mcp
from admatch.cli.verbs.overview import overview
from admatch.cli.verbs.recommend import recommend
from admatch.cli.verbs.replay import replay
from admatch.cli.verbs.rollback import rollback
from admatch.cli.verbs.run import run
from admatch.cli.verbs.search import search
from admatch.cli.verbs.serve import serve
from admatch.cli.verbs.show import show
from admatch.cli.verbs.simulate import simulate
from admatch.cli.verbs.train import train
from admatch.cli.verbs.train_embeddings import train_embeddings
from admatch.cli.verbs.train_encoder import train_encoder
from admatch.cli.verbs.undo import undo
from admatch.cli.verbs.verdict import verdict
from admatch.cli.verbs.what_if import what_if
from admatch.encode.choice import LanguageWarning
from admatch.errors import AdmatchError
from admatch.messages import Message, say

FULL = ("torch", "torchvision", "sentence_transformers")  # of the extra "full"
STOPPED = 130  # what a shell expects of a program ended by Ctrl-C


class VerbGroup(TyperGroup):
    """The verbs; an error that the user can fix ends in one sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the base class's context is private
        """Run a verb; exit with 1 where it fails and with 130 where it is stopped."""
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _shown_once(warnings.showwarning)
                done = super().invoke(ctx)
            sys.stdout.flush()  # so that a closed pipe raises here
        except BrokenPipeError:
            _discard_stdout()
            raise typer.Exit(0) from None  # the reader needs no more
        except AdmatchError as error:
            raise _ended(str(error), 1) from error
        except OSError as error:
            raise _ended(_file_error(error), 1) from error
        except ModuleNotFoundError as error:
            if error.name not in FULL:
                raise
            raise _ended(say("cli.needs_full", package=error.name), 1) from error
        except KeyboardInterrupt:
            raise _ended(say("cli.stopped"), STOPPED) from None
        return done


def _shown_once(otherwise: Callable[..., None]) -> Callable[..., None]:
    """Return a function that shows a warning for the user once, as a plain sentence.

    Other warnings go to ``otherwise``.
    """
    shown: set[str] = set()

    def show(message: Warning | str, category: type[Warning], *line: Any) -> None:  # noqa: ANN401
        if not issubclass(category, LanguageWarning):
            otherwise(message, category, *line)
        elif str(message) not in shown:
            shown.add(str(message))
            stderr().print(plain(str(message), "yellow"))

    return show


def _ended(sentence: str, code: int) -> typer.Exit:
    typer.echo(f"admatch: {one_line(sentence)}", err=True)
    return typer.Exit(code)


def _file_error(error: OSError) -> Message:
    why = error.strerror or str(error)
    if error.filename:
        return say("cli.file_error", file=str(error.filename), why=why)
    return say("cli.system_error", why=why)


def _discard_stdout() -> None:
    """Discard what is still buffered, as Python would report an error on exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, io.UnsupportedOperation):
        return


app = typer.Typer(
    cls=VerbGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(requested: bool) -> None:
    if requested:
        typer.echo(f"admatch {__version__}")
        raise typer.Exit


@app.callback()
def admatch(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Show which of your products each shopper's search term is about, if any.

    Start here; this needs neither your data nor a network:

    $ admatch demo

    Results go to stdout, everything else to stderr.
    Exit codes: 0 success, 1 failure, 2 wrong usage.
    """


for _verb in (
    *(demo, check, match, recommend, what_if, search, show, explain, audit),
    *(index, train, train_embeddings, train_encoder, undo, replay, run, history, overview, verdict),
    *(fetch, apply, rollback, simulate, serve, mcp),
):
    app.command()(_verb)


def main() -> None:
    """Run the command line; the console entry ``admatch``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # a Windows pipe cannot encode most search terms
    spare_imports()
    app()
