"""Amazon's report on an upload, read against the files that a run wrote, and kept."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.messages import as_json, say
from admatch.pipeline.records import (
    UploadResults,
    manifest_bytes,
    read_manifest,
    read_upload_results,
)
from admatch.progress import Progress
from admatch.tables.atomic import replacing
from admatch.web.limits import Limits
from admatch.web.work.archive import check_table
from admatch.web.work.file_names import FileNames
from admatch.web.work.known_uploads import remember

MENDED, UNDO = "mended.xlsx", "undo.xlsx"


def upload_results(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Write the mended sheet and the one that undoes the rest; return which changes failed."""
    file, name = Path(arguments["file"]), arguments["name"]
    check_table(file, Limits(**arguments["limits"]), FileNames({file.name: name}))
    folder, found = _nearest(Path(arguments["folder"]) / "changes", file, name)
    for content, target in ((found.mended, MENDED), (found.inverse, UNDO)):
        (folder / target).unlink(missing_ok=True)
        if content is not None:
            with replacing(folder / target) as draft:
                draft.write_bytes(content)
    result = {
        "read": datetime.now(UTC).isoformat(),
        "name": name,
        "made": found.made,
        "folder": folder.name,
        "mended": found.mended is not None,
        "failed": [
            {
                "row": one.row,
                "text": one.change.text,
                "place": as_json(one.change.place.description),
                "why": one.why,
                "remedy": as_json(one.remedy),
            }
            for one in found.failed
        ],
    }
    remember(Path(arguments["folder"]), hashlib.sha256(file.read_bytes()).hexdigest(), result)
    return result


def _nearest(changes: Path, file: Path, name: str) -> tuple[Path, UploadResults]:
    """Return the export that most rows of the report are about: verdicts may have changed since.

    Raises InputError where they are about none.
    """
    refusal: InputError | None = None
    best: tuple[Path, UploadResults] | None = None
    for manifest in sorted(changes.glob("*/changes.manifest.json")):
        try:
            known = read_manifest(manifest_bytes(manifest), manifest.name)
            found = read_upload_results(file, known, name)
        except InputError as error:
            refusal = error
            continue
        if best is None or found.known > best[1].known:
            best = manifest.parent, found
    if best is None:
        raise refusal or InputError(say("web.download.no_upload_yet"))
    return best
