"""What an export did, for people and for its undoing, as JSON."""

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
from admatch.reports.account.records import Entity, MatchType

# Not by an import statement: the root names every room, and rooms import backwards only.
_VERSION: str = import_module("admatch").__version__

Settings: TypeAlias = Mapping[str, str | int | float | bool | None]


def manifest(
    written: Sequence[Entry],
    refused: Sequence[Refusal],
    *,
    marketplace: Marketplace,
    sources: Sequence[Path],
    outputs: Mapping[str, bytes],
    settings: Settings,
) -> bytes:
    """Return the manifest: where the export comes from, each change with what it was before."""
    told = {
        "admatch": _VERSION,
        "marketplace": marketplace.code,
        "currency": marketplace.currency,
        "settings": dict(sorted(settings.items())),
        "inputs": [{"file": path.name, "sha256": _sha256_of(path)} for path in sources],
        "outputs": [
            {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in outputs.items()
        ],
        "changes": [_entry(row, entry) for row, entry in enumerate(written, start=2)],
        "inverse_rows_without_id": [
            row for row, entry in enumerate(written, start=2) if entry.awaits_id
        ],
        "refused": [{"reason": one.reason, "change": asdict(one.change)} for one in refused],
    }
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def _entry(row: int, entry: Entry) -> dict[str, Any]:
    """Return a change with its inverse, which stands in the same row of the other file."""
    return {
        "row": row,
        "change": asdict(entry.change),
        "inverse": asdict(entry.inverse),
        "inverse_awaits_id": entry.awaits_id,
        "notes": list(entry.notes),
    }


def _sha256_of(path: Path) -> str | None:
    """Return the file's hash, or None where it is gone."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def read_manifest(content: bytes, name: str) -> dict[str, Any]:
    """Return what a manifest tells; each of its changes and inverses as a ``Change``.

    Raises ``InputError`` where ``content``, that of the file ``name``, is no export's manifest.
    """
    try:
        told: dict[str, Any] = json.loads(content)
        lines = [
            line | {side: change_told(line[side]) for side in ("change", "inverse")}
            for line in told["changes"]
        ]
        named = {key: str(told[key]) for key in ("marketplace", "currency")}
        return told | named | {"settings": dict(told["settings"]), "changes": lines}
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{name}: this is not the manifest of an export; "
            "choose the .manifest.json beside the bulk sheet"
        ) from None


def manifest_bytes(path: Path) -> bytes:
    """Return a manifest's bytes; raises ``InputError`` where the file cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path.name}: {error.strerror}; name the manifest of an export") from None


def read_inverse(path: Path) -> tuple[str, Settings, ChangeSet]:
    """Return the marketplace, the settings and the undoing changes that a manifest tells.

    Raises ``InputError`` where the file is no manifest of an export.
    """
    told = read_manifest(manifest_bytes(path), path.name)
    inverse = ChangeSet(tuple(line["inverse"] for line in told["changes"]))
    return told["marketplace"], told["settings"], inverse


def change_told(told: Mapping[str, Any]) -> Change:
    """Return the change that ``asdict`` made this of, as JSON gives it back."""
    match_type = told["match_type"]
    rest = {name: told[name] for name in ("text", "bid", "target_id", "before", "state")}
    return Change(
        operation=Operation(told["operation"]),
        entity=Entity(told["entity"]),
        place=Place(**told["place"]),
        match_type=MatchType(match_type) if match_type else None,
        **rest,
    )
