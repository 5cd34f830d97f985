"""``admatch undo``: the file that takes back an uploaded bulk file."""

from pathlib import Path
from typing import Annotated

import typer

from admatch.cli.console import plain, show_problems, stderr


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
    """Write the bulk file that takes back one that was uploaded, with the IDs that Amazon gave.

    A keyword can only be archived by its ID, and Amazon gives that on upload: so download the
    bulk file once more afterwards, and name it here.

    $ admatch undo changes.manifest.json --account bulk_download.xlsx --out undo.xlsx
    """
    from admatch.pipeline.records import complete_inverse
    from admatch.reports.account.reader import read_account

    after = read_account(account)
    done = complete_inverse(manifest, after, out)
    show_problems(after.problems)
    screen = stderr()
    for refusal in done.refused:
        screen.print(plain(f"not undone: {refusal}", "yellow"), soft_wrap=True)
    screen.print(plain(f"written: {done.file}, {len(done.written):,} rows to upload"))
