"""Verdicts that the web page wrote for a job: ``read_verdicts``."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.jobs.store.judgements import Judgement
from admatch.messages import say
from admatch.store.verdict import Verdict

_TEXTS = ("text", "action", "verdict", "decided_by", "decided_at")


def read_verdicts(path: Path) -> list[Judgement]:
    """Return the verdicts in a file; raises ``InputError`` if it holds anything else."""
    try:
        return [_judgement(one) for one in json.loads(path.read_text(encoding="utf-8"))]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InputError(say("jobs.verdict.no_verdicts", file=path.name)) from None


def _judgement(entry: Mapping[str, Any]) -> Judgement:
    text, action, verdict, by, moment = (str(entry[name]) for name in _TEXTS)
    at = datetime.fromisoformat(moment)
    if at.tzinfo is not None:
        at = at.astimezone(UTC).replace(tzinfo=None)
    return Judgement(
        entry["campaign"], entry["ad_group"], text.lower(), action, Verdict(verdict).value,
        entry["note"], by, at,
    )  # fmt: skip
