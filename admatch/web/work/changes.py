"""The accepted decisions of a run as files for upload."""

import hashlib
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from admatch.errors import InputError
from admatch.messages import as_json, say
from admatch.pipeline.campaign_plan import campaign_plan
from admatch.pipeline.records import find_marketplace, marketplace_of
from admatch.pipeline.results import write_upload
from admatch.pipeline.saved import changes_at, later_at
from admatch.progress import Progress
from admatch.tables.atomic import replacing
from admatch.web.work.saved import load_account

LATER = "later/negatives.xlsx"  # for when the new campaigns are live


def write_changes(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Write changes.xlsx, its inverse and its manifest; return their folder and what was refused.

    Where it makes campaigns, the negatives for later are written beside it. The same decisions give
    the same folder, which is written once.
    """
    run, report_folder = Path(arguments["folder"]), Path(arguments["report"])
    account = load_account(report_folder / "read")
    if account is None:
        raise InputError(say("pipeline.upload.no_account"))
    rows = pl.read_parquet(run / "result" / "rows.parquet")
    code = arguments["marketplace"] or marketplace_of(rows["currency"].unique().to_list())
    if code is None:
        raise InputError(say("pipeline.upload.no_marketplace"))
    market = find_marketplace(code)
    folder = run / "changes" / _digest(arguments["decisions"], code)
    if not folder.is_dir():
        changes = changes_at(rows, arguments["decisions"], market.currency)
        with replacing(folder) as draft:
            draft.mkdir()
            write = partial(
                write_upload, account=account, market=market, settings=arguments["settings"],
                sources=sorted((report_folder / "source").iterdir()),
            )  # fmt: skip
            changes = replace(changes, withheld=arguments["withheld"])
            done = write(changes, path=draft / "changes.xlsx")
            later = later_at(rows, arguments["decisions"], market.currency)
            negatives = write(later, path=draft / LATER).written if len(later) else ()
            facts = {
                "written": len(done.written),
                "refused": [as_json(one.message) for one in done.refused],
                "marketplace": market.code,
                "currency": market.currency,
                "campaigns": campaign_plan(done.written),
                "later": [
                    {
                        "text": one.text,
                        "campaign": one.place.campaign,
                        "ad_group": one.place.ad_group,
                    }
                    for one in (entry.change for entry in negatives)
                ],
            }
            (draft / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    known: dict[str, Any] = json.loads(_facts(folder).read_text(encoding="utf-8"))
    return known | {"folder": str(folder)}


def _facts(folder: Path) -> Path:
    """Return the file with the facts; earlier versions called it told.json."""
    file = folder / "facts.json"
    return file if file.exists() else folder / "told.json"


def _digest(decisions: list[int], code: str) -> str:
    return hashlib.sha256(json.dumps([sorted(decisions), code]).encode()).hexdigest()[:16]
