"""Changes as a file for Amazon, with a file that undoes it: ``write_bulksheet``."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from admatch.errors import InputError
from admatch.export.bulk.directory import Directory
from admatch.export.bulk.manifest import Settings, manifest, read_inverse
from admatch.export.bulk.marketplace import Marketplace, find_marketplace
from admatch.export.bulk.records import BulkExport, Entry, Refusal
from admatch.export.bulk.rows import cells, workbook
from admatch.export.bulk.validate import validate
from admatch.impact.changes import ChangeSet
from admatch.reports.account.records import Account
from admatch.tables.atomic import replacing


def write_bulksheet(
    changes: ChangeSet,
    account: Account | None,
    path: Path | str,
    *,
    marketplace: str,
    sources: Sequence[Path] = (),
    settings: Settings | None = None,
) -> BulkExport:
    """Write the changes as an Amazon bulk sheet, with the sheet that undoes it and a manifest.

    ``path`` ends in .xlsx; beside it stand ``<name>.inverse.xlsx`` and ``<name>.manifest.json``.
    Changes are found in ``account`` by ID, else by exact name; without an account only those that
    carry their IDs are written. What Amazon would not take is refused with a reason. Runs of white
    space in a new keyword become one blank, and bids are rounded to the currency's decimals; the
    manifest notes both. ``sources`` are further files that the changes come from, ``settings``
    how; both are only told in the manifest. The same input makes the same bytes.

    Raises ``InputError`` for changes that are withheld, for an unknown marketplace, for one of
    another currency than the account's, and where a file of another export would be overwritten.

    >>> done = am.write_bulksheet(advice.best(), account, out / "changes.xlsx", marketplace="US")
    >>> len(done.written) > 0, (out / "changes.inverse.xlsx").exists()
    (True, True)
    """
    if changes.withheld:
        raise InputError(f"nothing is written for upload: {changes.withheld}")
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
    there by campaign, ad group, text and match type. What is not there any more is refused with
    the reason. Three files like ``write_bulksheet``; their inverse makes the changes once more.

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
            f"the account's amounts are in {', '.join(currencies)}, and bids in "
            f"{marketplace.code} are in {marketplace.currency}; name the account's marketplace"
        )
    return Directory(account)


def _write(
    path: Path,
    marketplace: Marketplace,
    written: tuple[Entry, ...],
    refused: tuple[Refusal, ...],
    sources: Sequence[Path],
    settings: Settings,
) -> BulkExport:
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"'{path.name}' does not end in .xlsx, which Amazon wants; rename it")
    inverse = path.with_name(f"{path.stem}.inverse.xlsx")
    told = path.with_name(f"{path.stem}.manifest.json")
    decimals = marketplace.decimals
    outputs = {
        path.name: workbook((cells(entry.change) for entry in written), decimals),
        inverse.name: workbook((cells(entry.inverse) for entry in written), decimals),
    }
    content = manifest(
        written,
        refused,
        marketplace=marketplace,
        sources=sources,
        outputs=outputs,
        settings=settings,
    )
    _put({path: outputs[path.name], inverse: outputs[inverse.name], told: content})
    return BulkExport(path, inverse, told, written, refused)


def _put(contents: Mapping[Path, bytes]) -> None:
    """Write all files, and put none in its place before all are written.

    A file of another export stays: it may be what undoes that one.
    """
    for path, content in contents.items():
        if path.exists() and path.read_bytes() != content:
            raise InputError(f"{path} is there already, of another export; name another file")
    with ExitStack() as stack:
        drafts = {path: stack.enter_context(replacing(path)) for path in contents}
        for path, content in contents.items():
            drafts[path].write_bytes(content)
