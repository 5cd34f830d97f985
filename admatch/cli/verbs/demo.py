"""``admatch demo``: the main job on the sample data, from files to a page."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from admatch.cli.console import plain, stdout
from admatch.cli.progress import progress_bars
from admatch.cli.tables.decisions import headline
from admatch.cli.tables.outcomes import LABELS, STYLES, outcome_table
from admatch.messages import say
from admatch.pipeline.sample import sample_folder

if TYPE_CHECKING:
    from rich.console import Console

    from admatch.cli.sample_accuracy import Agreement
    from admatch.match.records import Matches
    from admatch.pipeline.records import Recommendations, Summary

_EXAMPLES = 3
_TARGET_ACOS = 0.30
_FURTHER = (
    *("matches.csv", "matches.parquet", "recommendations.csv", "recommendations.parquet"),
    "changes.xlsx",
)
_COMMANDS = (
    "admatch match YOUR_REPORT.xlsx --catalog YOUR_PRODUCTS.csv --out result",
    "admatch recommend YOUR_REPORT.xlsx --catalog YOUR_PRODUCTS.csv "
    "--account YOUR_BULK.xlsx --target-acos 0.30 --out advice",
)


def demo(
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where the files go.")
    ] = Path("admatch-demo"),
) -> None:
    """Match an invented grocery shop's search terms with its 81 products, and decide on each.

    Then open the pages that it wrote: admatch-demo/matches.html and recommendations.html.

    $ admatch demo
    $ admatch demo --out somewhere-else
    """
    from admatch.cli.sample_accuracy import agreement
    from admatch.pipeline.analyse import analyse
    from admatch.pipeline.cache import FolderCache
    from admatch.pipeline.options import AnalysisOptions
    from admatch.pipeline.records import summarise

    sample = sample_folder()
    report = sample / "search_terms.csv"
    with progress_bars() as progress:
        analysis = analyse(
            report, sample / "catalog.csv", sample / "bulk.xlsx",
            AnalysisOptions(target_acos=_TARGET_ACOS), cache=FolderCache(), progress=progress,
        )  # fmt: skip
        analysis.write(out, sources=(report,), progress=progress)
    matches = analysis.matches
    assert matches is not None  # there is a catalog
    screen, summary = stdout(), summarise(matches)
    products = len(matches.catalog or ())
    screen.print(f"\n{say('cli.demo.read', products=products, rows=summary.rows_read)}\n")
    screen.print(outcome_table(summary))
    screen.print(_wasted(summary))
    _print_examples(screen, matches)
    _print_end(screen, agreement(matches, sample / "truth.csv"), out, analysis.advice)


def _wasted(summary: "Summary") -> Text:
    from admatch.display.money import money, percent
    from admatch.match.records import Outcome

    sums = " + ".join(
        say(
            "cli.demo.spend",
            money=money(amounts.spend, amounts.currency),
            share=percent(amounts.spend_share),
        )
        for amounts in summary[Outcome.NONE].amounts
    )
    text = Text(f"\n{say('cli.demo.wasted', spend=sums)}")
    text.highlight_words([sums], "bold dark_orange3")
    return text


def _print_examples(screen: "Console", matches: "Matches") -> None:
    """Print the costliest terms of each outcome."""
    from admatch.pipeline.records import term_lines

    best = {row["search_term"]: row for row in matches.frame.iter_rows(named=True)}
    lines = term_lines(matches).sort("spend", descending=True, nulls_last=True, maintain_order=True)
    for outcome, label in LABELS.items():
        screen.print(Text(f"\n{label}", STYLES[outcome]))
        some = lines.filter(lines["outcome"] == outcome).head(_EXAMPLES)
        for term in some["search_term"]:
            screen.print(_example(best[term]))


def _example(row: dict[str, Any]) -> Text:
    from admatch.display.money import percent

    line = Text.assemble("  ", plain(row["search_term"], "bold"))
    if row["probability"] is None:
        return line.append(f"  {say('cli.demo.no_words', kind=row['term_kind'])}", "dim")
    line.append(f"  {percent(row['probability'])}  ")
    if row["outcome"] == "match":
        return line.append_text(Text.assemble("→ ", plain(row["title"])))
    nearest = say("cli.demo.nearest", title=row["title"]) if row["title"] else ""
    return line.append_text(plain(nearest, "dim"))


def _print_end(
    screen: "Console", agreed: "Agreement", out: Path, advice: "Recommendations"
) -> None:
    from admatch.display.money import percent

    truth = say(
        "cli.demo.truth",
        terms=agreed.terms,
        found=percent(agreed.found, 0),
        right=percent(agreed.first_right, 0),
        refused=percent(agreed.refused, 0),
    )
    screen.print(f"\n{truth}", soft_wrap=True)
    screen.print(f"\n{say('cli.demo.target', target=percent(_TARGET_ACOS, 0))}")
    for line in headline(advice):
        screen.print(plain(line, "bold"), soft_wrap=True)
    pages = [str(out / "matches.html"), str(out / "recommendations.html")]
    opened = Text(f"\n{say('cli.demo.open', matches=pages[0], recommendations=pages[1])}")
    opened.highlight_words(pages, "bold")
    screen.print(opened, soft_wrap=True)
    screen.print(Text(say("cli.demo.further", files=", ".join(_FURTHER)), "dim"), soft_wrap=True)
    screen.print(f"\n{say('cli.demo.your_data')}")
    for command in _COMMANDS:
        screen.print(Text(f"  {command}", "bold"), soft_wrap=True)
