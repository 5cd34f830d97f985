"""Verdicts that the web page wrote for jobs: ``read_verdicts``."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.jobs.store.judgements import Judgement
from admatch.store.verdict import Verdict

_TEXTS = ("text", "action", "verdict", "decided_by", "decided_at")


def read_verdicts(path: Path) -> list[Judgement]:
    """Return the verdicts of a file; raises ``InputError`` where it holds anything else."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return [_judgement(one) for one in told]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InputError(
            f"{path.name}: these are not the verdicts of a run; name the verdicts.json that the "
            "web page writes"
        ) from None


def _judgement(told: Mapping[str, Any]) -> Judgement:
    text, action, verdict, by, moment = (str(told[name]) for name in _TEXTS)
    at = datetime.fromisoformat(moment)
    if at.tzinfo is not None:
        at = at.astimezone(UTC).replace(tzinfo=None)
    return Judgement(
        told["campaign"], told["ad_group"], text.lower(), action, Verdict(verdict).value,
        told["note"], by, at,
    )  # fmt: skip
