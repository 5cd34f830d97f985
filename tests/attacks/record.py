"""What a campaign tried and what held, kept for the table in SECURITY.md."""

import json
import os
from collections import Counter
from pathlib import Path

_counted: Counter[str] = Counter()  # by campaigns of several tests
RESULTS = Path(__file__).with_name("results")


def record(campaign: str, *, tried: int, held: int, **details: float | str) -> None:
    """Write a campaign's figures where ADMATCH_RECORD_ATTACKS is set; else nothing."""
    if os.environ.get("ADMATCH_RECORD_ATTACKS"):
        RESULTS.mkdir(exist_ok=True)
        figures = {"tried": tried, "held": held, **details}
        text = json.dumps(figures, indent=2) + "\n"
        (RESULTS / f"{campaign}.json").write_text(text, encoding="utf-8")


def count(campaign: str, held: int) -> None:
    """Add to a campaign of several tests what one of them tried; all of it held."""
    _counted[campaign] += held
    record(campaign, tried=_counted[campaign], held=_counted[campaign])
