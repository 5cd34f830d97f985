"""``admatch undo``: the bulk file that reverses an uploaded one."""

from pathlib import Path
from typing import Annotated

import typer

from admatch.cli.console import plain, show_problems, stderr
from admatch.messages import say


def undo(
    manifest: Annotated[
        Path, typer.Argument(metavar="MANIFEST", help="Written beside the file that was uploaded.")
    ],
    account: Annotated[
        Path,
        typer.Option("--account", metavar="FILE", help="A bulk download made after the upload."),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The bulk file to write, .xlsx.")
    ],
) -> None:
    """Write the bulk file that reverses an uploaded one, with the IDs that Amazon assigned.

    A keyword can only be archived by its ID, which Amazon assigns on upload. So download the bulk
    file again after the upload, and name it here.

    $ admatch undo changes.manifest.json --account bulk_download.xlsx --out undo.xlsx
    """
    from admatch.pipeline.records import complete_inverse
    from admatch.reports.account.reader import read_account

    after = read_account(account)
    done = complete_inverse(manifest, after, out)
    show_problems(after.problems)
    screen = stderr()
    for refusal in done.refused:
        message = say("cli.undo.refused", refusal=refusal.message)
        screen.print(plain(message, "yellow"), soft_wrap=True)
    screen.print(plain(say("cli.undo.written", file=str(done.file), n=len(done.written))))
