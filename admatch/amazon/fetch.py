"""A job's reports and account, fetched from Amazon as files: ``fetch_files``."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from admatch.amazon.entities import list_account, write_account
from admatch.amazon.job import AmazonJob
from admatch.amazon.open import open_client
from admatch.amazon.profiles import Profile, find_profile
from admatch.amazon.report_kinds import ReportKind, Span
from admatch.amazon.reporting import fetch_reports
from admatch.progress import Progress


@dataclass(frozen=True, slots=True)
class Files:
    """The report files, the account file, and their profile.

    ``refused`` has a message for each report refused, ``notes`` one for whatever else to know.
    """

    reports: tuple[Path, ...]
    account: Path
    profile: Profile
    refused: tuple[str, ...]
    notes: tuple[str, ...] = ()


def fetch_files(
    job: AmazonJob,
    kinds: Sequence[ReportKind],
    span: Span,
    folder: Path,
    *,
    as_of: date,
    spare: Collection[str] = (),
    progress: Progress = lambda *_: None,
) -> Files:
    """Return the reports of a span and the account, saved into ``folder``.

    Started again after a stop, it requests no report twice. Kinds named in ``spare`` may be
    missing. Raises ``AmazonError`` where Amazon is
    out of reach, takes too long, or refuses access.
    """
    with open_client(job) as client:
        profile = find_profile(client)
        done = fetch_reports(
            client, kinds, span, folder, as_of=as_of, spare=spare, progress=progress
        )
        path = folder / "account.json"
        account = list_account(client, profile.currency)
        write_account(account, path)
    return Files(done.files, path, profile, done.refused, tuple(map(str, account.problems)))
