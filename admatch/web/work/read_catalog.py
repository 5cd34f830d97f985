"""An uploaded catalog → its products and what was passed over."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from admatch.catalog.reader import read_catalog
from admatch.errors import InputError, Problem
from admatch.progress import Progress
from admatch.tables.atomic import replacing
from admatch.web.limits import Limits
from admatch.web.work.archive import guard, unpack_catalog
from admatch.web.work.kept import Names, save_catalog
from admatch.web.work.problems import told_problems


def read_catalog_upload(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Read the catalog of ``folder/source``; write it to ``folder/read`` and return its facts."""
    folder, limits = Path(arguments["folder"]), Limits(**arguments["limits"])
    names = Names(arguments["names"])
    progress("checking files", 0, 1)
    file = unpack_catalog(folder, names, limits)
    guard(file, limits, names)
    progress("reading the catalog", 0, 1)
    try:
        catalog = read_catalog(file, columns=arguments.get("columns") or {})
    except InputError as error:
        raise InputError(names.in_text(str(error))) from None
    frame, strangers = _only_below(catalog.frame, folder)
    problems = tuple(names.in_problem(one) for one in catalog.problems)
    if strangers:
        what = f"pictures that lie outside of the upload were left out: {strangers}"
        remedy = "put them into the zip file beside the catalog"
        problems = (*problems, Problem(names.in_path(file), what, remedy))
    if len(frame) > limits.rows:
        raise InputError(f"the catalog has {len(frame):,} products; {limits.rows:,} is the most")
    kept = replace(catalog, frame=frame, source=names.in_path(file), problems=problems)
    with replacing(folder / "read") as draft:
        draft.mkdir()
        save_catalog(kept, draft, folder)
    pictured = int((frame["images"].list.len() > 0).sum())
    return {
        "products": len(kept),
        "skipped": kept.skipped,
        "pictures": pictured,
        "brands": frame["brand"].drop_nulls().n_unique(),
        "currencies": sorted(frame["currency"].drop_nulls().unique()),
        **told_problems(problems),
    }


def _only_below(frame: pl.DataFrame, folder: Path) -> tuple[pl.DataFrame, int]:
    """Return the frame without pictures that lie elsewhere, and how many those were.

    A cell may name any path of this computer; only what was uploaded with it may be looked at.
    """
    root = folder.resolve()
    lost = 0
    kept: list[list[str]] = []
    for images in frame["images"].to_list():
        own = [one for one in images or [] if Path(one).resolve().is_relative_to(root)]
        lost += len(images or []) - len(own)
        kept.append([_clean(one, folder, root) for one in own])
    return frame.with_columns(pl.Series("images", kept, pl.List(pl.String))), lost


def _clean(image: str, folder: Path, root: Path) -> str:
    return (folder / Path(image).resolve().relative_to(root)).as_posix()
