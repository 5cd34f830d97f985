"""What a job file asks for: ``Job``, and ``Ask`` for each of its accounts."""

from dataclasses import dataclass, field
from pathlib import Path

from admatch.decisions.settings import Settings


@dataclass(frozen=True, slots=True)
class Outputs:
    """Which files are written: for upload (with the one that takes it back), to read, to filter."""

    bulk: bool = True
    csv: bool = True
    html: bool = True
    bids: bool = True


@dataclass(frozen=True, slots=True)
class Ask:
    """One account: where its files come from, what is aimed at, how careful to be.

    ``reports`` are files, folders, globs or addresses (``s3://…``). ``cooldown_days``: so long
    after a change was seen in the account it is not judged; None lets the attribution window
    decide.
    """

    name: str
    reports: tuple[str, ...]
    catalog: str
    target_acos: float
    bulk_file: str | None = None
    margin: float | None = None
    currency: str | None = None
    window_days: int | None = None
    marketplace: str | None = None
    protect: tuple[str, ...] = ()
    rho: float = 0.0
    most_changes: int | None = None
    cooldown_days: int | None = None
    guard_rails: Settings = field(default_factory=Settings)
    outputs: Outputs = field(default_factory=Outputs)


@dataclass(frozen=True, slots=True)
class Job:
    """A job file; ``folder`` is where it lies, and where its relative paths begin."""

    name: str
    folder: Path
    workspace: Path
    out: Path
    accounts: tuple[Ask, ...]
