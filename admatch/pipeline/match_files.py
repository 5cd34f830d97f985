"""Matches → their files; apart from decisions, whose imports take as long: ``write_matches``."""

from pathlib import Path

from admatch.export.html import write_html
from admatch.export.table import write_csv, write_parquet
from admatch.match.records import Matches
from admatch.progress import Progress, silent


def write_matches(
    matches: Matches,
    folder: Path,
    progress: Progress = silent,
    page: Matches | None = None,
    note: str | None = None,
) -> None:
    """Write matches.csv, matches.parquet and matches.html.

    ``page`` is what the HTML shows instead: the same with amounts in another currency. ``note`` is
    a sentence above its terms.
    """
    write_csv(matches, folder / "matches.csv")
    write_parquet(matches, folder / "matches.parquet")
    assert matches.catalog is not None  # it was matched with products
    path = folder / "matches.html"
    write_html(page or matches, matches.catalog, path, note=note, progress=progress)
