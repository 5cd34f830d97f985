"""Small made-up accounts."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport

FIGURES = {
    "file": "made.csv",
    "start_date": date(2025, 3, 1),
    "end_date": date(2025, 3, 30),
    "currency": "EUR",
    "campaign": "Lamps",
    "ad_group": "Desk",
    "targeting": "close-match",
    "match_type": "-",
    "term_kind": "keyword",
    "impressions": 100,
    "clicks": 10,
    "spend": 5.0,
    "sales": 20.0,
    "orders": 1,
    "units": 1,
}


def made(*rows: dict, granularity=Granularity.SUMMARY, window=7) -> SearchTermReport:
    """Return a report of rows that differ from FIGURES as given."""
    full = [FIGURES | {"row": number} | row for number, row in enumerate(rows, start=2)]
    cells = [tuple(row.get(name) for name in REPORT_SCHEMA) for row in full]
    frame = pl.DataFrame(cells, schema=REPORT_SCHEMA, orient="row")
    return SearchTermReport(frame, (Path("made.csv"),), granularity, window)


def row(term: str, clicks: int = 10, orders: int = 1, **further: object) -> dict:
    """Return a row of a term; a click costs .5, an order brings 20."""
    figures = {"search_term": term, "clicks": clicks, "orders": orders, "units": orders}
    return figures | {"spend": clicks * 0.5, "sales": orders * 20.0} | further


def random_account(seed: int, terms: int = 400, groups: int = 4) -> SearchTermReport:
    """Return an account whose words, not its ad groups, decide how terms convert."""
    rng = np.random.default_rng(seed)
    names = ["oil", "desk", "floor", "garden", "cheap", "kids", "led", "vintage", "red", "wall"]
    worth = dict(
        zip(
            names,
            rng.permutation([0.02, 0.03, 0.05, 0.1, 0.12, 0.2, 0.3, 0.1, 0.05, 0.1]),
            strict=True,
        )
    )
    rows = []
    for number in range(terms):
        chosen = rng.choice(names, 2, replace=False)
        clicks = int(rng.zipf(1.7)) % 300 + 1
        orders = int(rng.binomial(clicks, np.sqrt(worth[chosen[0]] * worth[chosen[1]])))
        text = f"{chosen[0]} {chosen[1]} lamp {number}"
        rows.append(row(text, clicks, orders, ad_group=f"Group {number % groups}"))
    return made(*rows)
