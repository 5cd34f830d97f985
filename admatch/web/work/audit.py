"""An audit: strengths and weaknesses of the listings of an uploaded catalog."""

from pathlib import Path
from typing import Any

import polars as pl

from admatch.audit.audit import audit_listings
from admatch.audit.page import write_audit_html
from admatch.audit.records import SCORED, Audit
from admatch.audit.write import FRAMES, write_audit_csv, write_audit_json, write_audit_parquet
from admatch.messages import as_json
from admatch.pipeline.summary import finite
from admatch.progress import Progress
from admatch.reports.terms import shopper_terms
from admatch.tables.atomic import replacing
from admatch.web.work.models import index_of
from admatch.web.work.row_problems import problem_facts
from admatch.web.work.saved import load_catalog, load_report

_BRANDS = 200  # in the summary


def audit(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Audit every listing; write ``result`` in the audit's folder and return its summary."""
    folder, report_folder = Path(arguments["catalog"]), arguments["report"]
    progress("reading", 0, 1)
    report = load_report(Path(report_folder) / "read") if report_folder else None
    terms = [] if report is None else shopper_terms(report).to_list()
    index = index_of(folder, terms, progress)
    found = audit_listings(index, report=report, cache=folder / "seen", progress=progress)
    progress("writing", 0, 1)
    catalog = load_catalog(folder / "read", folder)
    with replacing(Path(arguments["folder"]) / "result") as draft:
        draft.mkdir()
        for name in FRAMES:
            getattr(found, name).write_parquet(draft / f"{name}.parquet")
        offered = draft / "offered"
        offered.mkdir()
        write_audit_html(found, catalog, offered / "audit.html")
        write_audit_csv(found, offered / "audit.csv")
        write_audit_parquet(found, offered / "audit.parquet")
        write_audit_json(found, offered / "audit.json")
    progress("writing", 1, 1)
    return _summary(found)


def _summary(found: Audit) -> dict[str, Any]:
    """Return counts, mean scores and brands, as JSON can hold them."""
    counts = found.findings.group_by("aspect", "severity").agg(pl.len().alias("findings"))
    scored = [aspect.value for aspect in SCORED]
    means = found.products.select(pl.col("score", *scored).mean().round(1))
    summary: dict[str, Any] = finite(
        {
            "products": len(found),
            "findings": found.findings.height,
            "with_findings": int((found.products["findings"] > 0).sum()),
            "counts": counts.sort("aspect", "severity").to_dicts(),
            "scores": means.row(0, named=True) if len(found) else {},
            "brands": [
                row | {"outliers": row["outliers"] or []}
                for row in found.brands.head(_BRANDS).to_dicts()
            ],
            "notes": [as_json(one) for one in found.notes],
            **problem_facts(found.problems),
        }
    )
    return summary
