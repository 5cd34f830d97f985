"""The tool ``recommend``: what to do about every search term, so that ACOS reaches a target."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field

from admatch.agents.advice import GuardRailFigures, NamedShares, advice_options
from admatch.agents.call import (
    AccountFile,
    Call,
    CatalogFile,
    Currency,
    IndexFolder,
    Margin,
    Marketplace,
    Preset,
    Reports,
    Rho,
    TargetAcos,
    Window,
    files_of,
)
from admatch.agents.cells import currency_code
from admatch.agents.decision import Decision, decision
from admatch.agents.disorder import disorder
from admatch.agents.effects import Effect, effects
from admatch.agents.figures import Money, amounts, counts, money
from admatch.agents.pages import Answer, Offset, Page, Rows, Sentences, Table, noted, sentences

if TYPE_CHECKING:
    import polars as pl

    from admatch.agents.results import Result
    from admatch.pipeline.analyse import Analysis
    from admatch.pipeline.open_index import ProductSource
    from admatch.pipeline.options import AnalysisOptions

Shown = Annotated[
    Literal["chosen", "changes", "all"],
    Field(description="chosen: the proposed set; changes: refused ones, too; all: every term."),
]


class ActionSum(BaseModel):
    """The rows of one action added up, in one currency."""

    action: str
    currency: str | None = None
    rows: int
    chosen_rows: int
    spend: Money | None = None
    spend_freed: Money | None = None
    sales_at_risk_high80: Money | None = None


class SetSum(BaseModel):
    """The proposed set in one currency."""

    currency: str | None = None
    changes: int
    reached: bool = Field(description="Whether the target is expected to be reached.")
    profit_gain: Money | None = Field(default=None, description="Where margins are known.")
    contribution_gain: Money | None = Field(
        default=None, description="At the target, where no margin is known; it is no profit."
    )
    unwritable_changes: int = Field(description="Changes that would pay but cannot be written.")
    said: Sentences = Field(description="What the set risks and gains, in words.")


class AdviceAnswer(Answer):
    """The proposed set as a whole, and its decisions; nothing was changed."""

    target_acos: float
    margin: float | None = None
    sets: list[SetSum]
    effects: list[Effect] = Field(description="The account before and after the proposed set.")
    actions: list[ActionSum]
    hygiene_uri: str = Field(
        description="Keywords that compete, are blocked or never serve; told, not changed."
    )
    can_be_staged: bool = Field(description="Whether stage_bulk_file can write the set.")
    not_staged_because: Sentences
    warnings: Sentences
    page: Page[Decision]


def recommend(
    call: Call,
    reports: Reports,
    target_acos: TargetAcos,
    catalog: CatalogFile = None,
    index: IndexFolder = None,
    account: AccountFile = None,
    margin: Margin = None,
    targets: NamedShares = None,
    margins: NamedShares = None,
    protect: Annotated[
        list[str] | None, Field(description="Words whose terms are never negated.")
    ] = None,
    rho: Rho = 0.0,
    most_changes: Annotated[int | None, Field(ge=1, description="Of the set.")] = None,
    preset: Preset = "balanced",
    guard_rails: GuardRailFigures = None,
    recent: Annotated[
        list[str] | None, Field(description="Manifests of recent uploads, left alone.")
    ] = None,
    window_days: Window = None,
    marketplace: Marketplace = None,
    currency: Currency = None,
    show: Shown = "chosen",
    offset: Offset = 0,
    rows: Rows = 15,
) -> AdviceAnswer:
    """Decide about every search term and propose the set of changes that earns most.

    Ask the user for the target and the margin. Sums are in the answer; never add up rows. Nothing
    is changed; stage_bulk_file writes the set as a file that a person uploads.
    """
    files, source = call.reports(reports), call.needed_products(catalog, index)
    bulk, manifests = call.optional(account), call.reports(recent or [])
    options = advice_options(
        target_acos, preset, guard_rails, margin=margin, targets=targets or {},
        margins=margins or {}, protect=tuple(protect or ()), rho=rho, most_changes=most_changes,
        window_days=window_days, marketplace=marketplace, currency=currency,
    )  # fmt: skip
    made = call.results.once(
        "recommend", [*files, *files_of(source, bulk), *manifests], options.to_dict(),
        lambda: _analysed(call, files, source, bulk, options, manifests),
    )  # fmt: skip
    return _answer(made, show, offset, rows)


def _analysed(
    call: Call,
    files: list[Path],
    source: "ProductSource",
    account: Path | None,
    options: "AnalysisOptions",
    manifests: list[Path],
) -> "Analysis":
    from admatch.pipeline.analyse import analyse
    from admatch.pipeline.cache import FolderCache
    from admatch.pipeline.history import recent_uploads

    return analyse(
        files, source, account, options,
        history=recent_uploads(manifests), cache=FolderCache(), progress=call.progress,
    )  # fmt: skip


def _answer(made: "Result", show: str, offset: int, rows: int) -> AdviceAnswer:
    from admatch.pipeline.results import upload_to

    analysis: Analysis = made.value
    advice = analysis.advice
    for name in ("chosen", "changes", "all"):
        made.tables[name] = Table(_rows(analysis, name), decision, made.uri(name))
    made.tables["hygiene"] = Table(analysis.hygiene, disorder, made.uri("hygiene"))
    withheld = upload_to(advice, analysis.account, analysis.options).withheld
    return AdviceAnswer(
        result=made.name,
        notes=noted((*made.notes, *_notes(analysis))),
        target_acos=advice.target_acos,
        margin=advice.margin,
        sets=[_set(analysis, total) for total in advice.totals.to_dicts()],
        effects=effects(analysis.effect),
        actions=_actions(analysis),
        hygiene_uri=made.uri("hygiene"),
        can_be_staged=not withheld and bool(advice.rows["chosen"].any()),
        not_staged_because=sentences(withheld),
        warnings=sentences(advice.warnings),
        page=made.tables[show].page(offset, rows),
    )


def _notes(analysis: "Analysis") -> list[str]:
    """Return what was skipped while files were read, and what the report's orders taught."""
    catalog = analysis.catalog.problems if analysis.catalog is not None else ()
    problems = (*analysis.report.problems, *catalog, *analysis.problems)
    return [*([analysis.taught] if analysis.taught else []), *map(str, problems)]


def _rows(analysis: "Analysis", show: str) -> "pl.DataFrame":
    """Return the decisions, first those of the proposed set with the largest gain."""
    import polars as pl

    from admatch.pipeline.records import CHANGING

    changing = pl.col("action").is_in([one.value for one in CHANGING])
    rows = analysis.advice.rows.with_columns(changing.alias("changing"))
    if show == "chosen":
        rows = rows.filter("chosen")
    elif show == "changes":
        rows = rows.filter("changing")
    order = ("chosen", "gain", "spend")
    return rows.sort(order, descending=True, nulls_last=True, maintain_order=True)


def _set(analysis: "Analysis", total: dict[str, Any]) -> SetSum:
    advice = analysis.advice
    said = (*advice.risks(total), *advice.remarks(total), *advice.left_out(total))
    return SetSum(
        currency=currency_code(total["currency"]),
        changes=total["changes"],
        reached=total["reached"],
        profit_gain=money(total["profit_gain"]),
        contribution_gain=money(total["contribution_gain"]),
        unwritable_changes=total["unwritable"],
        said=sentences(said),
    )


def _actions(analysis: "Analysis") -> list[ActionSum]:
    import polars as pl

    sums = analysis.advice.frame.group_by("action", "currency", maintain_order=True).agg(
        pl.len().alias("rows"),
        pl.col("chosen").sum().alias("chosen_rows"),
        pl.col("spend", "spend_freed", "sales_at_risk_high").sum(),
    )
    return [
        ActionSum(
            **counts(row, "action", "rows", "chosen_rows"),
            currency=currency_code(row["currency"]),
            **amounts(row, "spend", "spend_freed"),
            sales_at_risk_high80=money(row["sales_at_risk_high"]),
        )
        for row in sums.sort("action", "currency").to_dicts()
    ]
