"""Parts of an uploaded account that may have goals of their own, in pages."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from admatch.web.frame_cache import FrameCache

if TYPE_CHECKING:
    import polars as pl


def parts_page(
    frames: FrameCache, folders: tuple[Path, Path], kind: str | None, q: str, page: int, size: int
) -> dict[str, Any]:
    """Return how many parts there are of each kind, and a page of those that contain the words.

    ``folders`` are those of the report and of the catalog, which may be one.
    """
    import polars as pl

    from admatch.pipeline.parts import account_parts

    report, catalog = (
        _frame(frames, folder / "read" / f"{name}.parquet")
        for folder, name in zip(folders, ("report", "catalog"), strict=True)
    )
    parts = account_parts(report, catalog)
    counts = dict(parts["kind"].value_counts().iter_rows())
    if kind is not None:
        parts = parts.filter(pl.col("kind") == kind)
    if words := " ".join(q.lower().split()):
        text = pl.concat_str("name", "title", separator=" ", ignore_nulls=True)
        parts = parts.filter(text.str.to_lowercase().str.contains(words, literal=True))
    items = parts[(page - 1) * size : page * size].to_dicts()
    return {"total": parts.height, "page": page, "size": size, "kinds": counts, "items": items}


def _frame(frames: FrameCache, file: Path) -> "pl.DataFrame | None":
    return frames.get(file) if file.exists() else None
