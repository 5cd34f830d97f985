"""What a job file asks for: ``Job``, and ``AccountJob`` for each of its accounts."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from admatch.amazon.job import AmazonJob
from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.results import Outputs


@dataclass(frozen=True, slots=True)
class JobOutputs:
    """Which files are written: for upload (with the one that takes it back), to read, to filter.

    ``webhook`` and ``email`` are addresses that the summary of each night is sent to; none at
    first.
    """

    bulk: bool = True
    csv: bool = True
    html: bool = True
    bids: bool = True
    matches: bool = False
    webhook: str = ""
    email: str = ""

    @property
    def files(self) -> Outputs:
        """Which files of the analysis are written; the table of recommendations always is."""
        return Outputs(
            bulk=self.bulk, csv=self.csv, html=self.html, bids=self.bids, matches=self.matches
        )


@dataclass(frozen=True, slots=True)
class AccountJob:
    """One account: where its files come from, what is aimed at, what is written.

    ``reports`` are files, folders, globs or addresses (``s3://…``); with ``amazon`` they, and the
    ``account`` (a bulk file), are fetched from Amazon as well. ``verdicts`` are files that the web
    page wrote. ``cooldown_days``: for so long after a change was seen in the account it is not
    judged; None lets the attribution window decide. ``holdout`` is the share of changes that chance
    leaves undone, to see what the others do.
    """

    name: str
    reports: tuple[str, ...]
    catalog: str
    options: AnalysisOptions
    account: str | None = None
    verdicts: tuple[str, ...] = ()
    cooldown_days: int | None = None
    holdout: float = 0.0
    outputs: JobOutputs = field(default_factory=JobOutputs)
    amazon: AmazonJob | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job file; ``folder`` is where it lies, and where its relative paths begin."""

    name: str
    folder: Path
    workspace: Path
    out: Path
    accounts: tuple[AccountJob, ...]

    def folder_of(self, account: str) -> Path:
        """Return where the files of an account's nights go."""
        return self.out / folder_name(account)


def folder_name(account: str) -> str:
    """Return an account's name as it names folders."""
    return re.sub(r"[^a-z0-9_-]+", "-", account.lower()).strip("-")
