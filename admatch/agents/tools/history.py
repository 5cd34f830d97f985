"""The tool ``history``: what a job did for an account each night."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from admatch.agents.call import Call
from admatch.agents.cells import CellText, Sentence, cell, sentence
from admatch.agents.figures import Money, amounts, counts
from admatch.agents.pages import Answer, Offset, Page, Rows, Table


class ChangesMeasured(BaseModel):
    """What earlier changes did, as a later night measured it, in money a day."""

    seen_on: str
    changes: int
    freed_expected: Money | None = None
    freed: Money | None = None
    freed_low80: Money | None = None
    freed_high80: Money | None = None


class Count(BaseModel):
    """How many changes ended alike."""

    outcome: str
    changes: int


class NightLine(BaseModel):
    """One night of one account."""

    day: str
    account: CellText
    rows: int | None = Field(default=None, description="Of the report.")
    written: int | None = Field(default=None, description="Changes in files; not yet uploaded.")
    held_out: int | None = Field(default=None, description="Left undone, to compare with.")
    applied: list[Count] = Field(description="What Amazon answered; empty if nothing was sent.")
    rolled_back: list[Count]
    failed: Sentence | None = Field(default=None, description="Why the night failed.")
    measured: list[ChangesMeasured]


class HistoryAnswer(Answer):
    """The nights of a job, the newest first."""

    page: Page[NightLine]


def history(
    call: Call,
    job: Annotated[str, Field(description="A job's TOML file, relative to the root.")],
    account: Annotated[str | None, Field(description="Only this account of the job.")] = None,
    offset: Offset = 0,
    rows: Rows = 10,
) -> HistoryAnswer:
    """Show what `admatch run` did each night: what it wrote, applied, and what that did.

    Only what stands under applied was sent to Amazon; what is written was proposed.
    """
    import polars as pl

    lines = call.nights(call.root.file(job), account, _checked(call))
    numbered = pl.DataFrame({"number": range(len(lines))}, schema={"number": pl.Int64})
    table = Table(numbered, lambda row: _night(lines[row["number"]]))
    return HistoryAnswer(page=table.page(offset, rows))


def _checked(call: Call) -> Any:  # noqa: ANN401 - a function
    return lambda path: call.root.inside(str(path))


def _night(line: dict[str, Any]) -> NightLine:
    reason = line["reason"]
    return NightLine(
        day=line["as_of"],
        account=cell(line["account"]),
        rows=line["rows"],
        written=line["to_upload"],
        held_out=line["held_out"],
        applied=_counts(line["applied"]),
        rolled_back=_counts(line["rolled_back"]),
        failed=None if reason is None else sentence(reason),
        measured=[_measured(one) for one in line["outcomes"]],
    )


def _counts(counts: dict[str, int]) -> list[Count]:
    return [Count(outcome=outcome, changes=many) for outcome, many in counts.items()]


def _measured(one: dict[str, Any]) -> ChangesMeasured:
    ranges = {"freed_low80": one["freed_low"], "freed_high80": one["freed_high"]}
    figures = counts(one, "freed_expected", "freed") | ranges
    return ChangesMeasured(
        seen_on=str(one["seen_on"]),
        changes=one["changes"],
        **amounts(figures, *figures),
    )
