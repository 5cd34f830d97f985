"""What a job file describes: ``Job``, and ``AccountJob`` for each of its accounts."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from admatch.amazon.job import AmazonJob
from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.results import Outputs


@dataclass(frozen=True, slots=True)
class JobOutputs:
    """Which files are written: for upload (with the one that reverses it), to read, to filter.

    The summary of each night is sent to the addresses ``webhook`` and ``email``, a text for a chat
    to ``slack``, if they are set.
    """

    bulk: bool = True
    csv: bool = True
    html: bool = True
    bids: bool = True
    matches: bool = False
    sheets: bool = False
    webhook: str = ""
    email: str = ""
    slack: str = ""

    @property
    def files(self) -> Outputs:
        """The files of the analysis to write; the table of recommendations is always written."""
        return Outputs(
            bulk=self.bulk,
            csv=self.csv,
            html=self.html,
            bids=self.bids,
            matches=self.matches,
            sheets=self.sheets,
        )


@dataclass(frozen=True, slots=True)
class AccountJob:
    """One account: where its files come from, its goals, and which files are written.

    ``reports`` are files, folders, globs or addresses (``s3://…``); with ``amazon``, reports and
    the ``account`` (a bulk file) are also fetched from Amazon. ``verdicts`` are files that the web
    page wrote. A change is not judged until ``cooldown_days`` after it was seen in the account;
    None lets the attribution window decide. ``holdout`` is the share of changes, drawn at random,
    that are left undone to measure the effect of the others.
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
    """A job file; relative paths in it start from ``folder``, the folder it is in."""

    name: str
    folder: Path
    workspace: Path
    out: Path
    accounts: tuple[AccountJob, ...]

    def folder_of(self, account: str) -> Path:
        """Return the folder for the files of an account's nights."""
        return self.out / folder_name(account)


def folder_name(account: str) -> str:
    """Return an account's name as the name of a folder."""
    return re.sub(r"[^a-z0-9_-]+", "-", account.lower()).strip("-")
