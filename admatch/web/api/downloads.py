"""Routes of a run's files: for upload, to read, and what Amazon said about an upload."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, File, Query, UploadFile
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, Response

from admatch.messages import say
from admatch.pipeline.campaign_plan import without_place
from admatch.pipeline.records import marketplace_of
from admatch.store.workspace import Row
from admatch.web.api.finished_run import (
    decision_table,
    done_run,
    result_folder,
    withheld,
    writing_for,
)
from admatch.web.api.result_models import CampaignPlan, ChangesFile, Download, UploadResults
from admatch.web.auth import CurrentServer, CurrentVisitor, too_many
from admatch.web.decision_files import decisions_csv, decisions_xlsx, names_of
from admatch.web.decisions import VERDICTS
from admatch.web.pages.language import sentences
from admatch.web.problems import not_found
from admatch.web.server import Server, new_id
from admatch.web.store.uploads import Kind, find_upload
from admatch.web.uploads import blocks_of
from admatch.web.work.file_names import shown_name
from admatch.web.work.known_uploads import known_uploads

router = APIRouter(prefix="/runs/{run_id}", tags=["results"])

_WAIT = 30.0  # seconds for an answer that somebody waits for
_SANDBOX = {"Content-Security-Policy": "sandbox"}
TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}
_CHANGES = {
    "changes.xlsx": say("web.file.changes"),
    "changes.inverse.xlsx": say("web.file.inverse"),
    "changes.manifest.json": say("web.file.manifest"),
}
_LATER = {"negatives_later.xlsx": "", "negatives_later.inverse.xlsx": ".inverse"}
_DECISIONS = {
    "decisions.xlsx": say("web.file.decisions_xlsx"),
    "decisions.csv": say("web.file.decisions_csv"),
}
_RESULTS = {"mended.xlsx": "changes-again", "undo.xlsx": "undo-of-what-was-made"}
_CALLED = {
    "changes.xlsx": "changes",
    "changes.inverse.xlsx": "undo",
    "changes.manifest.json": "manifest",
    "negatives_later.xlsx": "negatives-for-later",
    "negatives_later.inverse.xlsx": "undo-of-negatives-for-later",
}
_OFFERED = {
    "recommendations.html": say("web.file.decisions_page"),
    "recommendations.csv": say("web.file.evidence_csv"),
    "recommendations.parquet": say("web.file.decisions_parquet"),
    "levels.csv": say("web.file.levels"),
    "hygiene.csv": say("web.file.keywords"),
    "bought.csv": say("web.file.bought"),
    "first_products.csv": say("web.file.first_products"),
    "market.csv": say("web.file.market"),
    "new_keywords.csv": say("web.file.new_keywords"),
    "matches.html": say("web.file.matches_page"),
    "matches.csv": say("web.file.matches_csv"),
    "matches.parquet": say("web.file.matches_parquet"),
    VERDICTS: say("web.file.verdicts"),
}


@router.get("/downloads")
def downloads(server: CurrentServer, visitor: CurrentVisitor, run_id: str) -> list[Download]:
    """List the files of a run."""
    return offered(server, done_run(server, visitor, run_id))


@router.get(
    "/downloads/{name}", response_class=FileResponse, responses={200: {"content": {"*/*": {}}}}
)
def download(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    name: str,
    marketplace: Annotated[
        str | None, Query(pattern="^[A-Z]{2}$", description="Where one currency has several")
    ] = None,
    language: Annotated[Literal["en", "zh"], Query(description="Of headers and reasons")] = "en",
) -> Response:
    """Download a file; those for upload are made from the accepted decisions as they are now."""
    row = done_run(server, visitor, run_id)
    if name in _DECISIONS:
        content = _decisions(server, row, name, language)
        headers = _SANDBOX | attachment(file_name(server, row, "decisions", Path(name).suffix))
        return Response(content, media_type=TYPES[Path(name).suffix], headers=headers)
    shown = name
    if name in _CALLED:
        made = _changes(server, row, marketplace)
        folder = Path(made["folder"])
        file = folder / (f"later/negatives{_LATER[name]}.xlsx" if name in _LATER else name)
        called = f"{_CALLED[name]}-{folder.name[:6]}"
        shown = file_name(server, row, called, file.suffix, made["marketplace"])
    elif name in _OFFERED:
        file = result_folder(server, row) / "offered" / name
    else:
        raise not_found("download")
    if not file.exists():
        raise not_found("download")
    return FileResponse(file, media_type=TYPES[file.suffix], filename=shown, headers=_SANDBOX)


@router.post("/upload-results")
def upload_results(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    file: Annotated[UploadFile, File(description="What Amazon offers after an upload")],
) -> UploadResults:
    """Read Amazon's report on an upload: which rows failed and why, and what to upload again."""
    row = done_run(server, visitor, run_id)
    if wait := server.rates.take("upload", visitor.account.id):
        raise too_many(wait)
    name = shown_name(file.filename)
    stored = server.incoming / f"{new_id()}{Path(name).suffix.lower()[:6]}"
    folder = server.workspace.path(row["account_id"], row["id"])
    arguments = {
        "folder": str(folder), "file": str(stored), "name": name, "limits": asdict(server.limits),
    }  # fmt: skip
    try:
        with stored.open("wb") as out:
            out.writelines(blocks_of(server, file))
        with writing_for(server, row):
            found = server.picture_pool.ask("upload results", arguments, _WAIT)
    finally:
        stored.unlink(missing_ok=True)
    return _upload(run_id, found)


@router.get("/upload-results")
def known_upload_results(
    server: CurrentServer, visitor: CurrentVisitor, run_id: str
) -> list[UploadResults]:
    """List what Amazon's reports on the uploads of this run said, the last one first."""
    row = done_run(server, visitor, run_id)
    known = known_uploads(server.workspace.path(row["account_id"], row["id"]))
    return [_upload(run_id, one) for one in reversed(known)]


def _upload(run_id: str, found: dict[str, Any]) -> UploadResults:
    """Return what a report said, with the addresses of what to upload next."""
    address = f"/api/v1/runs/{run_id}/upload-results/{found['folder']}/"
    mended = address + "mended.xlsx" if found["mended"] else None
    known = {name: found[name] for name in ("name", "read", "made", "failed")}
    return UploadResults.model_validate(known | {"mended": mended, "undo": address + "undo.xlsx"})


@router.get(
    "/upload-results/{export}/{name}",
    response_class=FileResponse,
    responses={200: {"content": {"*/*": {}}}},
)
def result_file(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    export: Annotated[str, PathParameter(pattern="^[0-9a-f]{16}$")],
    name: Literal["mended.xlsx", "undo.xlsx"],
) -> FileResponse:
    """Download the mended sheet of an upload, or the one that undoes what was made."""
    row = done_run(server, visitor, run_id)
    file = server.workspace.path(row["account_id"], row["id"]) / "changes" / export / name
    if not file.exists():
        raise not_found("download")
    shown = file_name(server, row, f"{_RESULTS[name]}-{export[:6]}", ".xlsx")
    return FileResponse(file, media_type=TYPES[".xlsx"], filename=shown, headers=_SANDBOX)


def file_name(
    server: Server, row: Row, what: str, suffix: str, marketplace: str | None = None
) -> str:
    """Return a name that says whose file it is, of which days, and when it was made."""
    report = find_upload(server.workspace, row["account_id"], Kind.REPORT, row["report_id"]) or {}
    period = (report.get("facts") or {}).get("period") or []
    stem = Path(report.get("name") or "").name.split(".")[0]
    made = row["created"].date().isoformat()
    currencies = [one["currency"] for one in (row["summary"] or {}).get("currencies", ())]
    market = marketplace or row["settings"].get("marketplace") or marketplace_of(currencies)
    parts = ["admatch", re.sub(r"\W+", "-", stem).strip("-")[:50], market, "_".join(period),
             f"made-{made}", what]  # fmt: skip
    return "_".join(one for one in parts if one) + suffix


def _decisions(server: Server, row: Row, name: str, language: str) -> bytes:
    rows = decision_table(server, row).rows
    pairs = [(group, one) for group in ("action", "outcome") for one in rows[group].unique()]
    named = names_of(sentences(language), pairs)
    write = decisions_xlsx if name.endswith(".xlsx") else decisions_csv
    return write(rows, named, language)


def attachment(name: str) -> dict[str, str]:
    """Return the header that has a browser store an answer under a name."""
    return {"Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}"}


@router.get("/changes", tags=["results"])
def changes(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    marketplace: Annotated[str | None, Query(pattern="^[A-Z]{2}$")] = None,
) -> ChangesFile:
    """Return what changes.xlsx would hold: rows written, and why Amazon would refuse others."""
    made = _changes(server, done_run(server, visitor, run_id), marketplace)
    return ChangesFile(
        written=made["written"], refused=made["refused"], marketplace=made["marketplace"],
        later=len(made.get("later", ())),
    )  # fmt: skip


@router.get("/new-campaigns")
def new_campaigns(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    marketplace: Annotated[str | None, Query(pattern="^[A-Z]{2}$")] = None,
) -> CampaignPlan:
    """Return the campaigns that changes.xlsx makes, and the negatives for when they are live."""
    row = done_run(server, visitor, run_id)
    rows = server.frames.get(result_folder(server, row) / "rows.parquet")
    wanted = row["settings"].get("new_campaigns")
    lacking = without_place(rows)
    plan: dict[str, Any] = {"currency": None, "campaigns": [], "later": []}
    if wanted is not None and not withheld(row) and _ids(server, row):
        made = _changes(server, row, marketplace)
        plan = {name: made[name] for name in plan}
    return CampaignPlan(wanted=wanted, lacking=lacking, **plan)


def _changes(server: Server, row: Row, marketplace: str | None) -> dict[str, Any]:
    """Write the files for upload unless they are there; return their folder and facts."""
    arguments = server.run_arguments(row) | {
        "decisions": decision_table(server, row).in_file(),
        "marketplace": marketplace or row["settings"].get("marketplace"),
        "withheld": withheld(row),
        "settings": _flat(row["summary"]["settings"]),
    }
    with writing_for(server, row):
        made: dict[str, Any] = server.what_if_pool.ask("changes", arguments, _WAIT)
    return made


def _flat(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in settings.items() if not isinstance(one, dict)}


def _ids(server: Server, row: Row) -> int:
    """Return how many targets have their ID: a campaign report lists the account without any."""
    report = find_upload(server.workspace, row["account_id"], Kind.REPORT, row["report_id"])
    account = ((report or {}).get("facts") or {}).get("account")
    return int(account.get("ids", 1)) if account else 0


def offered(server: Server, row: Row) -> list[Download]:
    """Return the files of a run, and why some are not available."""
    reason = withheld(row)
    if reason is None and not _ids(server, row):
        reason = say("web.download.no_account")
    address = f"/api/v1/runs/{row['id']}/downloads/"
    made = [
        Download(name=name, what=what, url=address + name, available=reason is None, reason=reason)
        for name, what in _CHANGES.items()
    ]
    folder = result_folder(server, row) / "offered"
    written = {name: what for name, what in _OFFERED.items() if (folder / name).exists()}
    return made + [
        Download(name=name, what=what, url=address + name, available=True)
        for name, what in (_DECISIONS | written).items()
    ]
