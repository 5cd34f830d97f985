"""The tool ``replay``: what decisions on past days would have done, beside common rules."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field

from admatch.agents.advice import GuardRailFigures, advice_options
from admatch.agents.call import (
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
from admatch.agents.cells import Sentence, currency_code, sentence
from admatch.agents.figures import Money, Share, money, share
from admatch.agents.pages import Answer, Offset, Page, Rows, Table, noted

if TYPE_CHECKING:
    from admatch.pipeline.open_index import ProductSource
    from admatch.pipeline.options import AnalysisOptions
    from admatch.pipeline.replay import Replay, ReplaySchedule

_EVERY, _PAST, _FUTURE = 14, 28, 28  # as ``admatch.pipeline.replay`` has them


class PolicyLine(BaseModel):
    """What all changes of one policy would have saved and lost, in one currency."""

    policy: Sentence
    currency: str | None = None
    changes: int
    saved_share: Share | None = Field(default=None, description="Of the spend of those days.")
    lost_share: Share | None = Field(default=None, description="Of the sales of those days.")
    gain: Money | None = None
    gain_low80: Money | None = None
    gain_high80: Money | None = None
    equal_gain: Money | None = Field(
        default=None, description="Of the policy, where it loses as many sales as admatch."
    )
    admatch_gain: Money | None = Field(default=None, description="Of admatch at that loss.")
    acos_after: Share | None = None
    acos_held: Share | None = Field(
        default=None, description="How often the promised 80 % range of ACOS held."
    )
    cuts: int | None = Field(default=None, description="Days on which was decided.")


class ReplayAnswer(Answer):
    """Decisions at past days, scored on the days after, beside rules and beside nothing."""

    target_acos: float
    margin: float | None = None
    gain_is: str = Field(description="profit, or contribution at the target without a margin.")
    decided_on: list[str] = Field(description="The days.")
    page: Page[PolicyLine]


def replay(
    call: Call,
    reports: Reports,
    target_acos: TargetAcos,
    catalog: CatalogFile = None,
    index: IndexFolder = None,
    every: Annotated[int, Field(ge=1, description="Days between two decisions.")] = _EVERY,
    past: Annotated[int, Field(ge=1, description="Days known before the first.")] = _PAST,
    future: Annotated[int, Field(ge=1, description="Days that judge each, at most.")] = _FUTURE,
    lag: Annotated[
        int | None, Field(ge=0, description="Days until a click's orders are known.")
    ] = None,
    margin: Margin = None,
    rho: Rho = 0.0,
    preset: Preset = "balanced",
    guard_rails: GuardRailFigures = None,
    window_days: Window = None,
    marketplace: Marketplace = None,
    currency: Currency = None,
    offset: Offset = 0,
    rows: Rows = 20,
) -> ReplayAnswer:
    """Decide on past days from what was known then, and score that on the days after.

    Needs a daily report. It is a simulation of the past, no promise; say so to the user.
    """
    from admatch.pipeline.replay import ReplaySchedule

    files, source = call.reports(reports), call.products(catalog, index)
    options = advice_options(
        target_acos, preset, guard_rails, margin=margin, rho=rho, currency=currency,
        marketplace=marketplace, window_days=window_days,
    )  # fmt: skip
    schedule = ReplaySchedule(every, past, future, lag)
    made = call.results.once(
        "replay", [*files, *files_of(source)],
        options.to_dict() | {"schedule": [every, past, future, lag]},
        lambda: _replayed(call, files, source, options, schedule),
    )  # fmt: skip
    done: Replay = made.value
    made.tables["policies"] = Table(done.summary, _line, made.uri("policies"))
    return ReplayAnswer(
        result=made.name,
        notes=noted(made.notes),
        target_acos=done.target_acos,
        margin=done.margin,
        gain_is="profit" if done.margin else "contribution at the target",
        decided_on=[cut.day.isoformat() for cut in done.cuts],
        page=made.tables["policies"].page(offset, rows),
    )


def _replayed(
    call: Call,
    files: list[Path],
    source: "ProductSource | None",
    options: "AnalysisOptions",
    schedule: "ReplaySchedule",
) -> "Replay":
    from admatch.pipeline.cache import FolderCache
    from admatch.pipeline.replay import replay as replayed

    return replayed(files, source, options, schedule, cache=FolderCache(), progress=call.progress)


def _line(row: dict[str, Any]) -> PolicyLine:
    from admatch.pipeline.replay_rules import policy_name

    gains = {"gain_low80": row["gain_low"], "gain_high80": row["gain_high"]}
    gains |= {name: row[name] for name in ("gain", "equal_gain", "admatch_gain")}
    shares = ("saved_share", "lost_share", "acos_after", "acos_held")
    return PolicyLine(
        policy=sentence(policy_name(row["policy"])),
        currency=currency_code(row["currency"]),
        changes=row["changes"],
        cuts=row["cuts"],
        **{name: money(amount) for name, amount in gains.items()},
        **{name: share(row[name]) for name in shares},
    )
