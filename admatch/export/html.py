"""A report's matches as one page to read: ``write_html``."""

from pathlib import Path

import polars as pl
from markupsafe import Markup

from admatch.catalog.records import Catalog
from admatch.display.templates import templates
from admatch.export.payload import page_data
from admatch.export.summary import Summary, summarise
from admatch.export.terms import term_lines
from admatch.match.records import Matches, Outcome
from admatch.progress import Progress
from admatch.tables.atomic import replacing

_FOLDER = Path(__file__).parent
_SCRIPTS = ("report.js", "report_terms.js", "report_products.js")
_COSTLIEST = 5  # beside the headline; more would push the table off the screen
_PROBLEMS = 50


def write_html(
    matches: Matches,
    catalog: Catalog,
    path: Path,
    *,
    note: str | None = None,
    progress: Progress | None = None,
) -> None:
    """Write one self-contained page: its pictures are inside, and it loads nothing.

    ``note`` is a sentence that stands above the terms.
    """
    summary = summarise(matches)
    problems = [str(problem) for problem in (*matches.report.problems, *catalog.problems)]
    page = (
        templates(_FOLDER)
        .get_template("report.html.jinja")
        .render(
            report=matches.report,
            note=note,
            summary=summary,
            mine=summary[Outcome.MATCH],
            related=summary[Outcome.RELATED],
            theirs=summary[Outcome.NONE],
            rest=summary[Outcome.NOT_APPLICABLE],
            costliest=_costliest(matches, summary),
            products=len(catalog),
            problems=problems[:_PROBLEMS],
            further_problems=max(0, len(problems) - _PROBLEMS),
            data=Markup(page_data(matches, catalog, summary, progress)),
            style=Markup(_text("report.css")),
            script=Markup("\n".join(map(_text, _SCRIPTS))),
        )
    )
    with replacing(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8")


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _costliest(matches: Matches, summary: Summary) -> list[dict[str, object]]:
    """Return the costliest terms about nothing in the catalog, in the main currency."""
    if not summary.currencies:
        return []
    main = pl.lit(summary.currencies[0], dtype=pl.String)
    lines = term_lines(matches).filter(
        pl.col("outcome") == Outcome.NONE.value,
        pl.col("currency").eq_missing(main),
        pl.col("spend") > 0,
    )
    return lines.sort("spend", descending=True, maintain_order=True).head(_COSTLIEST).to_dicts()
