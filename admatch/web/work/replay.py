"""Decisions of past days of a run's own account, scored on the days that followed."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from admatch.messages import as_json
from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.replay import Replay, replay
from admatch.pipeline.replay_rules import ADMATCH, NOTHING, policy_name
from admatch.pipeline.summary import finite
from admatch.progress import Progress
from admatch.reports.terms import shopper_terms
from admatch.tables.atomic import replacing
from admatch.web.work.models import index_of
from admatch.web.work.saved import has_products, load_report

FILE = "replay.json"
_SHOWN = (
    *("currency", "changes", "saved_share", "lost_share", "gain", "gain_low", "gain_high"),
    *("equal_gain", "admatch_gain", "acos_before", "acos_after"),
)
_HELD = ("acos_held", "spend_held", "cuts")


def replay_run(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Return what admatch and some rules would have done; it is worked out once and kept."""
    file = Path(arguments["folder"]) / "result" / FILE
    if file.exists():
        known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return known
    options = AnalysisOptions.from_dict(arguments["settings"])
    report, catalog = load_report(Path(arguments["report"]) / "read"), Path(arguments["catalog"])
    index = None
    if has_products(catalog):
        index = index_of(catalog, shopper_terms(report).to_list(), progress)
    found = _facts(replay(report, index, options, progress=progress))
    with replacing(file) as draft:
        draft.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return found


def _facts(done: Replay) -> dict[str, Any]:
    held = done.summary.filter(pl.col("acos_held").is_not_null()).unique("currency")
    facts: dict[str, Any] = finite(
        {
            "days": [one.day.isoformat() for one in done.cuts],
            "until": max(one.future[1] for one in done.cuts).isoformat(),
            "profit": done.margin is not None,
            "held": held.select("currency", *_HELD).to_dicts(),
            "lines": [
                {name: line[name] for name in _SHOWN}
                | {
                    "policy": as_json(policy_name(line["policy"])),
                    "own": line["policy"] == ADMATCH,
                }
                for line in done.summary.to_dicts()
                if line["policy"] != NOTHING
            ],
        }
    )
    return facts
