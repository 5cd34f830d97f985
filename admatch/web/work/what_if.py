"""Other targets and caps for a finished run, answered at once: no term is decoded again."""

from collections import OrderedDict
from pathlib import Path
from typing import Any

from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.saved import SavedAnalysis
from admatch.pipeline.summary import summarise_advice
from admatch.progress import Progress
from admatch.web.work.saved import has_products, load_account, load_catalog, load_report

_RUNS = 4  # in memory: of 100,000 rows each they are half a gigabyte

_runs: "OrderedDict[tuple[Path, int], SavedAnalysis]" = OrderedDict()


def preload(arguments: dict[str, Any], progress: Progress) -> None:
    """Import what a first what-if and a first file for upload need: that is what takes time."""
    import admatch.web.work.changes  # noqa: F401


def what_if(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Return totals, frontier and counts of decisions for other settings of a run."""
    settings = arguments["settings"]
    changed = dict(arguments["changed"])
    rails = dict(settings.get("guard_rails") or {})
    if changed.get("sales_at_risk") is not None:
        rails["sales_at_risk"] = changed.pop("sales_at_risk")
    options = AnalysisOptions.from_dict(settings | changed | {"guard_rails": rails})
    advice = _run(arguments).advise(options)
    return summarise_advice(advice) | {"sales_at_risk": options.guard_rails.sales_at_risk}


def _run(arguments: dict[str, Any]) -> SavedAnalysis:
    result = Path(arguments["folder"]) / "result"
    key = (result, result.stat().st_mtime_ns)
    if key not in _runs:
        read, catalog = Path(arguments["report"]) / "read", Path(arguments["catalog"])
        products = load_catalog(catalog / "read", catalog) if has_products(catalog) else None
        _runs[key] = SavedAnalysis(result, load_report(read), products, load_account(read))
    _runs.move_to_end(key)
    while len(_runs) > _RUNS:
        _runs.popitem(last=False)
    return _runs[key]
