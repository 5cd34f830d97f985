"""What Amazon reported on a run's uploads, kept beside the run: ``remember``, ``known_uploads``."""

import json
from pathlib import Path
from typing import Any

from admatch.tables.atomic import replacing

_FILE = "uploads.json"
_MOST = 20  # reports of a run; the oldest is forgotten


def remember(folder: Path, digest: str, result: dict[str, Any]) -> None:
    """Keep what a report said; one that is read again counts once.

    ``folder`` is the run's, ``digest`` that of the report.
    """
    others = [one for one in known_uploads(folder) if one["digest"] != digest]
    kept = [*others, result | {"digest": digest}][-_MOST:]
    with replacing(folder / _FILE) as draft:
        draft.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def known_uploads(folder: Path) -> list[dict[str, Any]]:
    """Return what is kept of a run, the last report last."""
    try:
        kept: list[dict[str, Any]] = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return kept
