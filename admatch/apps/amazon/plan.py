"""A run's manifest → the ``Plan`` of what is to be applied."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.impact.changes import Change, Operation, Place
from admatch.reports.account.records import Entity, MatchType

_SUFFIX = ".manifest.json"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a plan, what undoes it, and its row in the bulk sheet, which is its number."""

    number: int
    change: Change
    inverse: Change


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes of one export, and where it is kept what became of them."""

    manifest: Path
    digest: str
    marketplace: str
    currency: str
    steps: tuple[Step, ...]

    @property
    def applied(self) -> Path:
        """The journal of what was applied."""
        return self._beside("applied")

    @property
    def rolled_back(self) -> Path:
        """The journal of what was taken back."""
        return self._beside("rolled-back")

    def _beside(self, what: str) -> Path:
        return self.manifest.with_name(f"{self.manifest.name.removesuffix(_SUFFIX)}.{what}.jsonl")


def read_plan(run: Path) -> Plan:
    """Return the plan of a manifest, or of the one manifest in a run's folder.

    Raises ``InputError`` where there is none, or more than one.
    """
    path = _manifest(run)
    try:
        content = path.read_bytes()
        told = json.loads(content)
        steps = tuple(_step(line) for line in told["changes"])
        marketplace, currency = str(told["marketplace"]), str(told["currency"])
    except OSError as error:
        raise InputError(f"{path.name}: {error.strerror}; name the manifest of an export") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{path.name}: this is not the manifest of an export; "
            "choose the .manifest.json beside the bulk sheet"
        ) from None
    return Plan(path, hashlib.sha256(content).hexdigest(), marketplace, currency, steps)


def _manifest(run: Path) -> Path:
    if not run.is_dir():
        return run
    found = sorted(run.glob(f"*{_SUFFIX}"))
    if len(found) != 1:
        names = ", ".join(one.name for one in found) or "none"
        raise InputError(
            f"{run} has {len(found)} manifests of exports ({names}), and one is needed; name it"
        )
    return found[0]


def _step(line: Mapping[str, Any]) -> Step:
    return Step(int(line["row"]), _change(line["change"]), _change(line["inverse"]))


def _change(told: Mapping[str, Any]) -> Change:
    match_type = told["match_type"]
    return Change(
        operation=Operation(told["operation"]),
        entity=Entity(told["entity"]),
        place=Place(**told["place"]),
        text=told["text"],
        match_type=MatchType(match_type) if match_type else None,
        bid=told["bid"],
        target_id=told["target_id"],
        before=told["before"],
        state=told["state"],
    )
