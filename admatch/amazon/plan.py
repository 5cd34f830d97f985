"""A run's manifest → the ``ApplyPlan`` of the changes to apply."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from admatch.errors import InputError
from admatch.export.bulk.manifest import manifest_bytes, read_manifest
from admatch.impact.changes import Change
from admatch.messages import say

_SUFFIX = ".manifest.json"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a plan and its inverse; ``number`` is its row in the bulk sheet."""

    number: int
    change: Change
    inverse: Change


@dataclass(frozen=True, slots=True)
class ApplyPlan:
    """The changes of one export, and the paths of the journals that record their outcomes."""

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
        """The journal of what was rolled back."""
        return self._beside("rolled-back")

    def _beside(self, what: str) -> Path:
        return self.manifest.with_name(f"{self.manifest.name.removesuffix(_SUFFIX)}.{what}.jsonl")


def read_plan(run: Path) -> ApplyPlan:
    """Return the plan of a manifest, or of the one manifest in a run's folder.

    Raises ``InputError`` where there is none, or more than one.
    """
    path = _manifest(run)
    content = manifest_bytes(path)
    manifest = read_manifest(content, path.name)
    steps = tuple(Step(one["row"], one["change"], one["inverse"]) for one in manifest["changes"])
    digest = hashlib.sha256(content).hexdigest()
    return ApplyPlan(path, digest, manifest["marketplace"], manifest["currency"], steps)


def _manifest(run: Path) -> Path:
    if not run.is_dir():
        return run
    paths = sorted(run.glob(f"*{_SUFFIX}"))
    if not paths:
        raise InputError(say("amazon.plan.no_manifest", folder=str(run)))
    if len(paths) > 1:
        names = ", ".join(one.name for one in paths)
        raise InputError(say("amazon.plan.manifests", folder=str(run), n=len(paths), names=names))
    return paths[0]
