"""Changes as a file for Amazon, with a file that undoes it: ``write_bulksheet``."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from admatch.errors import InputError
from admatch.export.bulk.directory import Directory
from admatch.export.bulk.manifest import RunSettings, manifest, read_inverse, undone
from admatch.export.bulk.marketplace import Marketplace, find_marketplace
from admatch.export.bulk.records import BulkExport, Entry, Refusal
from admatch.export.bulk.rows import cells, workbook
from admatch.export.bulk.validate import validate
from admatch.impact.changes import Change, ChangeSet, Operation
from admatch.messages import say
from admatch.reports.account.records import Account
from admatch.tables.atomic import replacing


def write_bulksheet(
    changes: ChangeSet,
    account: Account | None,
    path: Path | str,
    *,
    marketplace: str,
    sources: Sequence[Path] = (),
    settings: RunSettings | None = None,
) -> BulkExport:
    """Write the changes as an Amazon bulk sheet, with the sheet that undoes it and a manifest.

    ``path`` ends in .xlsx; ``<name>.inverse.xlsx`` and ``<name>.manifest.json`` are written beside
    it. Changes are found in ``account`` by ID, else by exact name; without an account only those
    that carry their IDs are written. What Amazon would reject is refused with a reason. Runs of
    white space in a new keyword become one blank, and bids are rounded to the currency's decimals;
    the manifest notes both. ``sources`` are further files that the changes come from, ``settings``
    the options of the run; both only go into the manifest. The same input makes the same bytes.

    Raises ``InputError`` for changes that are withheld, for an unknown marketplace, for one of
    another currency than the account's, and where a file of another export would be overwritten.

    >>> done = am.write_bulksheet(advice.best(), account, out / "changes.xlsx", marketplace="US")
    >>> len(done.written) > 0, (out / "changes.inverse.xlsx").exists()
    (True, True)
    """
    if changes.withheld:
        raise InputError(say("export.withheld", why=changes.withheld))
    market = find_marketplace(marketplace)
    directory = _directory(account, market)
    written, refused = validate(changes, directory, market)
    files = (*(account.sources if account else ()), *sources)
    return _write(Path(path), market, written, refused, files, settings or {})


def complete_inverse(
    manifest_path: Path | str, account_after: Account, path: Path | str
) -> BulkExport:
    """Write the sheet that undoes a whole export, with the IDs that Amazon gave since.

    ``account_after`` is a bulk download made after the upload: what the export created is found
    there by campaign, ad group, text and match type. What no longer exists is refused with the
    reason. The three files are like those of ``write_bulksheet``; their inverse makes the changes
    once more.

    Raises ``InputError`` where ``manifest_path`` is no manifest or the currency is another.
    """
    code, settings, undoing = read_inverse(Path(manifest_path))
    market = find_marketplace(code)
    directory = _directory(account_after, market)
    written, refused = validate(undoing, directory, market, restoring=True)
    files = (Path(manifest_path), *account_after.sources)
    return _write(Path(path), market, written, refused, files, settings)


def _directory(account: Account | None, marketplace: Marketplace) -> Directory | None:
    if account is None:
        return None
    currencies = account.frame["currency"].drop_nulls().unique().sort().to_list()
    if currencies and currencies != [marketplace.currency]:
        raise InputError(
            say(
                "export.marketplace.currency",
                found=", ".join(currencies),
                code=marketplace.code,
                currency=marketplace.currency,
            )
        )
    return Directory(account)


def _write(
    path: Path,
    marketplace: Marketplace,
    written: tuple[Entry, ...],
    refused: tuple[Refusal, ...],
    sources: Sequence[Path],
    settings: RunSettings,
) -> BulkExport:
    if path.suffix.lower() != ".xlsx":
        raise InputError(say("export.sheet.suffix", file=path.name))
    inverse = path.with_name(f"{path.stem}.inverse.xlsx")
    description = path.with_name(f"{path.stem}.manifest.json")
    decimals = marketplace.decimals
    outputs = {
        path.name: workbook((_row(one, one.change) for one in written), decimals),
        inverse.name: workbook((_row(one, one.inverse) for one in undone(written)), decimals),
    }
    content = manifest(
        written,
        refused,
        marketplace=marketplace,
        sources=sources,
        outputs=outputs,
        settings=settings,
    )
    _put({path: outputs[path.name], inverse: outputs[inverse.name], description: content})
    return BulkExport(path, inverse, description, written, refused)


def _row(entry: Entry, change: Change) -> dict[str, str | float]:
    ends = change.operation == Operation.ARCHIVE
    return cells(change) | ({} if ends else dict(entry.repeated))


def _put(contents: Mapping[Path, bytes]) -> None:
    """Write all files; none replaces an old one before all are written.

    A file of another export stays: it may be what undoes that one.
    """
    for path, content in contents.items():
        if path.exists() and path.read_bytes() != content:
            raise InputError(say("export.sheet.exists", path=str(path)))
    with ExitStack() as stack:
        drafts = {path: stack.enter_context(replacing(path)) for path in contents}
        for path, content in contents.items():
            drafts[path].write_bytes(content)
