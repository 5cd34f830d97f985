"""Routes of results: the headline, decisions, verdicts, what the file does, what-if."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query

from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.records import marketplace_of
from admatch.store.workspace import Row
from admatch.web.api.downloads import offered
from admatch.web.api.finished_run import decision_table, done_run, result_folder, writing_for
from admatch.web.api.result_models import (
    AcceptedSet,
    KeywordIssues,
    ReplayResult,
    Results,
    WhatIf,
    WhatIfResult,
)
from admatch.web.auth import CurrentServer, CurrentVisitor, too_many
from admatch.web.keywords import keyword_page
from admatch.web.server import Server
from admatch.web.store.uploads import Kind, find_upload

router = APIRouter(prefix="/runs/{run_id}", tags=["results"])

_WAIT = 30.0  # seconds for an answer that somebody waits for
_LONG_WAIT = 900.0  # the same for a replay


@router.get("/results")
def results(server: CurrentServer, visitor: CurrentVisitor, run_id: str) -> Results:
    """Return the headline: spend, ACOS, waste by cause, the expected change, the frontier."""
    row = done_run(server, visitor, run_id)
    summary = {name: value for name, value in row["summary"].items() if name != "settings"}
    known = _circumstances(server, row, summary)
    return Results(run_id=run_id, **_current(summary), **known, downloads=offered(server, row))


def _circumstances(server: Server, row: Row, summary: dict[str, Any]) -> dict[str, Any]:
    """Return the period, the marketplace, and what the analysis had to do without."""
    report = find_upload(server.workspace, row["account_id"], Kind.REPORT, row["report_id"])
    facts = (report or {}).get("facts") or {}
    currencies = [one["currency"] for one in summary["currencies"]]
    return {
        "sales_at_risk": AnalysisOptions.from_dict(row["settings"]).guard_rails.sales_at_risk,
        "period": facts.get("period"),
        "marketplace": row["settings"].get("marketplace") or marketplace_of(currencies),
        "matched": bool(summary["outcomes"]),
        "bids": bool((facts.get("account") or {"bids": 0}).get("bids", 1)),
    }


def _current(summary: dict[str, Any]) -> dict[str, Any]:
    """Return a headline by an earlier admatch, which called every gain profit, as of this one."""
    for one in summary["currencies"]:
        expected = one["expected"]
        if "contribution_gain" not in expected and summary["margin"] is None:
            gain = {"contribution_gain": expected["profit_gain"], "profit_gain": None}
            one["expected"] = expected | gain
    return summary


@router.get("/file")
def accepted(server: CurrentServer, visitor: CurrentVisitor, run_id: str) -> list[AcceptedSet]:
    """Return what the file for upload does, as verdicts are now."""
    row = done_run(server, visitor, run_id)
    found = decision_table(server, row).accepted(_current(row["summary"]))
    return [AcceptedSet(**one) for one in found]


@router.get("/keywords")
def keywords(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=500)] = 50,
) -> KeywordIssues:
    """List keywords that compete, are blocked or never serve; none of them is changed."""
    folder = result_folder(server, done_run(server, visitor, run_id))
    return KeywordIssues(**keyword_page(server.frames, folder, page, size))


@router.get("/replay")
def known_replay(
    server: CurrentServer, visitor: CurrentVisitor, run_id: str
) -> ReplayResult | None:
    """Return the replay of the account, or null where it was not asked for yet."""
    file = result_folder(server, done_run(server, visitor, run_id)) / "replay.json"
    return ReplayResult(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None


@router.post("/replay")
def replay(server: CurrentServer, visitor: CurrentVisitor, run_id: str) -> ReplayResult:
    """Decide at past days of a daily report, and score that on the days that followed.

    It takes about ten seconds for each day of decision; the answer is kept.
    """
    row = done_run(server, visitor, run_id)
    wait = server.rates.take("run", visitor.account.id)
    if wait:
        raise too_many(wait)
    with writing_for(server, row):
        found = server.replay_pool.ask("replay", server.run_arguments(row), _LONG_WAIT)
    return ReplayResult(**found)


@router.post("/what-if")
def what_if(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    body: WhatIf,
    ahead: Annotated[
        bool, Query(description="Asked before anybody wants it: nothing is worked out from there")
    ] = False,
) -> WhatIfResult:
    """Return totals and frontier for another target, cap or rho, at once.

    Where all three are given, the next values of each are worked out in the background.
    """
    row = done_run(server, visitor, run_id)
    changed = body.model_dump(exclude_none=True)
    known = server.what_ifs.ask(server.run_arguments(row), changed, _WAIT, start=not ahead)
    return WhatIfResult(**known)
