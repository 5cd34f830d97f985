"""The accepted decisions of a run as files for upload."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from admatch.decisions.propose import changes_of
from admatch.errors import InputError
from admatch.export.bulk.marketplace import find_marketplace
from admatch.export.bulk.write import write_bulksheet
from admatch.progress import Progress
from admatch.tables.atomic import replacing
from admatch.web.work.kept import load_account

# Where one currency has one marketplace; EUR has several.
_MARKETPLACES = {"USD": "US", "GBP": "UK", "JPY": "JP", "CAD": "CA", "INR": "IN", "MXN": "MX"}


def write_changes(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Write changes.xlsx, its inverse and its manifest; return their folder and what was refused.

    The same decisions give the same folder, which is written once.
    """
    run, report_folder = Path(arguments["folder"]), Path(arguments["report"])
    account = load_account(report_folder / "read")
    if account is None:
        raise InputError(
            "nothing can be written for upload without the account's IDs: add its bulk file to "
            "the reports and run again"
        )
    rows = pl.read_parquet(run / "result" / "rows.parquet")
    accepted = rows[sorted(arguments["decisions"])]
    code = arguments["marketplace"] or _marketplace(rows)
    market = find_marketplace(code)
    # a report that tells no currency is in the marketplace's
    own = accepted.filter(pl.col("currency").is_null() | (pl.col("currency") == market.currency))
    withheld = "; ".join(arguments["refusals"]) or None
    folder = run / "changes" / _digest(arguments["decisions"], code)
    if not folder.is_dir():
        sources = sorted((report_folder / "source").iterdir())
        with replacing(folder) as draft:
            draft.mkdir()
            done = write_bulksheet(
                replace(changes_of(own), withheld=withheld), account, draft / "changes.xlsx",
                marketplace=market.code, sources=sources, settings=arguments["settings"],
            )  # fmt: skip
            facts = {
                "written": len(done.written),
                "refused": [str(one) for one in done.refused],
                "marketplace": market.code,
            }
            (draft / "told.json").write_text(json.dumps(facts), encoding="utf-8")
    told: dict[str, Any] = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    return told | {"folder": str(folder)}


def _marketplace(rows: pl.DataFrame) -> str:
    codes = rows["currency"].unique().to_list()
    code = _MARKETPLACES.get(codes[0] or "") if len(codes) == 1 else None
    if code is None:
        raise InputError("say the marketplace (DE, FR, ES …), as the currency does not tell it")
    return code


def _digest(decisions: list[int], code: str) -> str:
    return hashlib.sha256(json.dumps([sorted(decisions), code]).encode()).hexdigest()[:16]
