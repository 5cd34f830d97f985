"""A run's manifest → the ``ApplyPlan`` of what is to be applied."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from admatch.errors import InputError
from admatch.export.bulk.manifest import manifest_bytes, read_manifest
from admatch.impact.changes import Change

_SUFFIX = ".manifest.json"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a plan, what undoes it, and its row in the bulk sheet, which is its number."""

    number: int
    change: Change
    inverse: Change


@dataclass(frozen=True, slots=True)
class ApplyPlan:
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


def read_plan(run: Path) -> ApplyPlan:
    """Return the plan of a manifest, or of the one manifest in a run's folder.

    Raises ``InputError`` where there is none, or more than one.
    """
    path = _manifest(run)
    content = manifest_bytes(path)
    told = read_manifest(content, path.name)
    steps = tuple(Step(line["row"], line["change"], line["inverse"]) for line in told["changes"])
    digest = hashlib.sha256(content).hexdigest()
    return ApplyPlan(path, digest, told["marketplace"], told["currency"], steps)


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
