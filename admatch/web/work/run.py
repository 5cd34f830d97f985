"""A run: report and catalog → decisions, a headline, and the files of its results."""

from pathlib import Path
from typing import Any

from admatch.messages import as_json
from admatch.pipeline.analyse import analyse
from admatch.pipeline.insight_notes import insight_notes
from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.replay import replay_needs
from admatch.pipeline.results import Outputs
from admatch.pipeline.saved import save
from admatch.pipeline.summary import summarise_analysis
from admatch.progress import Progress
from admatch.reports.terms import shopper_terms
from admatch.tables.atomic import replacing
from admatch.web.work.models import index_of
from admatch.web.work.saved import has_products, load_account, load_insights, load_report


def run(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Decide about every term; write ``result`` in the run's folder and return its headline."""
    options = AnalysisOptions.from_dict(arguments["settings"])  # before anything that takes time
    progress("reading", 0, 1)
    read, catalog = Path(arguments["report"]) / "read", Path(arguments["catalog"])
    report, account = load_report(read), load_account(read)
    index = None
    if has_products(catalog):
        index = index_of(catalog, shopper_terms(report).to_list(), progress)
    insights = load_insights(read)
    analysis = analyse(report, index, account, options, insights=insights, progress=progress)
    with replacing(Path(arguments["folder"]) / "result") as draft:
        draft.mkdir()
        save(analysis, draft)
        analysis.write(draft / "offered", Outputs(bulk=False), progress=progress)
        summary = summarise_analysis(analysis) | {
            "settings": dict(analysis.advice.settings),
            "replay_days": replay_needs(report, options),
            "alerts": [one.to_dict() for one in analysis.week_alerts],
        }
        notes = list(map(as_json, insight_notes(analysis)))
        return summary | {"warnings": [*notes, *summary["warnings"]]}
