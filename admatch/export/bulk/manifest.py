"""What an export did, as JSON, for people and for undoing it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from admatch.errors import InputError
from admatch.export.bulk.marketplace import Marketplace
from admatch.export.bulk.records import Entry, Refusal
from admatch.impact.changes import Change, ChangeSet, Operation, Place
from admatch.messages import say
from admatch.reports.account.records import Entity, MatchType

# Not by an import statement: the root names every room, and rooms import backwards only.
_VERSION: str = import_module("admatch").__version__

RunSettings: TypeAlias = Mapping[str, str | int | float | bool | None]


def undone(written: Sequence[Entry]) -> list[Entry]:
    """Return the entries that have a row in the inverse sheet, in their order."""
    return [one for one in written if not one.undone_above]


def manifest(
    written: Sequence[Entry],
    refused: Sequence[Refusal],
    *,
    marketplace: Marketplace,
    sources: Sequence[Path],
    outputs: Mapping[str, bytes],
    settings: RunSettings,
) -> bytes:
    """Return the manifest: where the export comes from, each change with what it was before."""
    content = {
        "admatch": _VERSION,
        "marketplace": marketplace.code,
        "currency": marketplace.currency,
        "settings": dict(sorted(settings.items())),
        "inputs": [{"file": path.name, "sha256": _sha256_of(path)} for path in sources],
        "outputs": [
            {"file": name, "sha256": hashlib.sha256(output).hexdigest()}
            for name, output in outputs.items()
        ],
        "changes": [_entry(row, entry) for row, entry in enumerate(written, start=2)],
        "inverse_rows_without_id": [
            row for row, entry in enumerate(undone(written), start=2) if entry.awaits_id
        ],
        "refused": [{"reason": one.reason, "change": asdict(one.change)} for one in refused],
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _entry(row: int, entry: Entry) -> dict[str, Any]:
    """Return a change with its inverse.

    The inverse is in the same row of the other file, unless rows before it have none there.
    """
    return {
        "row": row,
        "change": asdict(entry.change),
        "inverse": asdict(entry.inverse),
        "inverse_awaits_id": entry.awaits_id,
        "undone_above": entry.undone_above,
        "notes": list(entry.notes),
    }


def _sha256_of(path: Path) -> str | None:
    """Return the file's hash, or None where the file is gone."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def read_manifest(content: bytes, name: str) -> dict[str, Any]:
    """Return the content of a manifest, with its changes and inverses as ``Change``.

    Raises ``InputError`` where ``content``, that of the file ``name``, is no export's manifest.
    """
    try:
        known: dict[str, Any] = json.loads(content)
        lines = [
            line | {side: change_from_dict(line[side]) for side in ("change", "inverse")}
            for line in known["changes"]
        ]
        named = {key: str(known[key]) for key in ("marketplace", "currency")}
        return known | named | {"settings": dict(known["settings"]), "changes": lines}
    except (ValueError, KeyError, TypeError):
        raise InputError(say("export.manifest.invalid", file=name)) from None


def manifest_bytes(path: Path) -> bytes:
    """Return a manifest's bytes; raises ``InputError`` where the file cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise InputError(say("export.manifest.unreadable", file=path.name, why=why)) from None


def read_inverse(path: Path) -> tuple[str, RunSettings, ChangeSet]:
    """Return the marketplace, the settings and the undoing changes of a manifest.

    Raises ``InputError`` where the file is no manifest of an export.
    """
    known = read_manifest(manifest_bytes(path), path.name)
    lines = (line for line in known["changes"] if not line.get("undone_above"))
    inverse = ChangeSet(tuple(line["inverse"] for line in lines))
    return known["marketplace"], known["settings"], inverse


def change_from_dict(payload: Mapping[str, Any]) -> Change:
    """Return the change that ``asdict`` turned into this payload, as JSON gives it back."""
    match_type = payload["match_type"]
    rest = {name: payload[name] for name in ("text", "bid", "target_id", "before", "state")}
    rest["setting"] = payload.get("setting")  # an earlier admatch knew none
    return Change(
        operation=Operation(payload["operation"]),
        entity=Entity(payload["entity"]),
        place=Place(**payload["place"]),
        match_type=MatchType(match_type) if match_type else None,
        **rest,
    )
