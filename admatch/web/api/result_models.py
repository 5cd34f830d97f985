"""What the API answers about results as a whole: headline, frontier, what-if."""

from datetime import date, datetime

from pydantic import AliasChoices, Field

from admatch.web.api.models import Model, NewCampaigns
from admatch.web.api.sentence import Sentence


class Interval(Model):
    """A figure's mean, and the ranges that hold it with 50, 80 and 95 % probability."""

    mean: float | None
    low50: float | None
    high50: float | None
    low80: float | None
    high80: float | None
    low95: float | None
    high95: float | None


class Figures(Model):
    """Figures of a period as long as the report's."""

    acos: Interval | None
    spend: Interval | None
    orders: Interval | None
    sales: Interval | None
    profit: Interval | None


class Seen(Model):
    """Sums of the report's rows that decisions are made about."""

    impressions: int
    clicks: int
    spend: float
    orders: int
    sales: float
    acos: float | None


class Cause(Model):
    """Why spend went beyond what its sales are worth, and how much."""

    cause: str
    amount: float


class Expected(Model):
    """What the optimiser expects of the chosen set."""

    currency: str | None
    spend_before: float | None
    sales_before: float | None
    acos_before: float | None
    spend_after: float | None
    sales_after: float | None
    acos_after: float | None
    profit_gain: float | None = Field(description="Where the margin is known.")
    contribution_gain: float | None = Field(
        default=None, description="At the target, where the margin is unknown."
    )
    sales_at_risk: float | None
    spent_again: float | None = Field(
        default=None, description="Freed, but spent again by campaigns that run out of budget."
    )
    target_acos: float | None = Field(default=None, description="Of all parts together.")
    margin: float | None = Field(default=None, description="Of all parts, if every one is known.")
    preset: str | None = None
    profit_at_risk: float | None = Field(default=None, description="Expected loss of profit.")
    most_at_risk: float | None = Field(default=None, description="How much the preset allows.")
    nearest_changes: int | None = Field(
        default=None, description="Of the set nearest to the target."
    )
    nearest_acos: float | None = None
    nearest_at_risk: float | None = None
    nearest_sales_lost: float | None = None
    changes: int
    reached: bool
    unwritable: int = Field(
        default=0, description="Further changes that would pay but cannot be written."
    )
    unwritable_freed: float | None = Field(default=None, description="The spend they would free.")


class FrontierPoint(Model):
    """ACOS against sales kept after so many changes; the range holds 80 %."""

    changes: int
    spend: float | None
    sales: float | None
    sales_kept: float | None
    acos: float | None
    acos_low: float | None
    acos_high: float | None
    gain: float | None = Field(
        default=None,
        validation_alias=AliasChoices("gain", "profit"),  # of an earlier version
        description="Sales counted at the margin, or at the target where it is unknown.",
    )
    net_risk: float | None = None  # results of an earlier version have none


class CurrencyResult(Model):
    """The headline of one currency."""

    currency: str | None
    seen: Seen
    wasted: float
    wasted_low: float = 0.0
    wasted_high: float = 0.0
    wasted_share: float | None
    causes: list[Cause]
    expected: Expected
    risks: list[Sentence] = Field(
        default=[], description="What the preset puts at risk, and the set nearest to the target."
    )
    remarks: list[Sentence] = Field(default=[], description="What the chosen set gains.")
    left_out: list[Sentence] = Field(
        default=[], description="Which changes would pay but cannot be written, and why."
    )
    before: Figures | None
    after: Figures | None
    difference: Figures | None
    sales_at_risk: Interval | None
    frontier: list[FrontierPoint]


class AcceptedSet(Model):
    """What goes into the file as verdicts are now, as a headline of one currency."""

    currency: str | None
    expected: Expected
    before: Figures | None
    after: Figures | None
    difference: Figures | None
    in_file: int = Field(description="Decisions that go into the file.")
    accepted: int
    rejected: int


class OutcomeSum(Model):
    """What became of terms: match, related, none, not_applicable."""

    currency: str | None
    outcome: str
    terms: int
    clicks: int | None
    spend: float | None
    orders: int | None
    sales: float | None


class CalibrationBand(Model):
    """A band of expected conversion rates, and what was observed."""

    expected: float | None
    observed: float | None
    low: float | None
    high: float | None
    clicks: int


class BacktestSummary(Model):
    """How such a model did on clicks that it had not seen."""

    by_time: bool
    coverage: float | None
    groups: int
    calibration: list[CalibrationBand]


class Download(Model):
    """A file of a run; ``reason`` says why it is not available."""

    name: str
    what: Sentence
    url: str
    available: bool
    reason: Sentence | None = None


class KeywordIssueSum(Model):
    """How many keywords have an issue, and what they cost."""

    issue: str = Field(description="duplicate, competing, blocked or never-serves.")
    keywords: int
    spend: float | None


class KeywordIssue(Model):
    """A keyword that stands in another's way or never serves, and what to do about it."""

    issue: str
    campaign: str
    ad_group: str
    keyword: str
    match_type: str
    clicks: int | None
    spend: float | None
    orders: int | None
    sales: float | None
    what: Sentence


class KeywordIssues(Model):
    """A page of such keywords, those that cost most first; nothing is changed about them."""

    total: int
    page: int
    size: int
    spend: float | None = Field(description="Of all; a keyword with several issues counts once.")
    issues: list[KeywordIssueSum]
    items: list[KeywordIssue]


class FailedChange(Model):
    """A change that Amazon did not make."""

    row: int = Field(description="In the uploaded sheet.")
    text: str
    place: Sentence
    why: str = Field(description="In Amazon's words.")
    remedy: Sentence


class UploadResults(Model):
    """What Amazon's report says about an upload, with addresses of what to upload next."""

    name: str = Field(description="Of the report.")
    read: datetime = Field(description="When it was read.")
    made: int
    failed: list[FailedChange]
    mended: str | None
    undo: str


class ChangesFile(Model):
    """What changes.xlsx holds: rows written, and why Amazon would refuse others."""

    written: int
    refused: list[Sentence]
    marketplace: str
    later: int = Field(0, description="Negatives for when new campaigns are live.")


class NewKeyword(Model):
    """A keyword of a new ad group; without a bid it takes its ad group's."""

    text: str
    bid: float | None


class NewAdGroup(Model):
    """An ad group that the file makes, with the products that it advertises."""

    ad_group: str
    bid: float | None
    skus: list[str]
    keywords: list[NewKeyword]


class CampaignWithNew(Model):
    """A campaign with ad groups that the file makes."""

    campaign: str
    budget: float | None = Field(description="A day; null where the campaign exists.")
    ad_groups: list[NewAdGroup]


class LaterNegative(Model):
    """A negative for when the new keyword of the same text is live."""

    text: str
    campaign: str
    ad_group: str


class CampaignPlan(Model):
    """The campaigns that changes.xlsx makes, as verdicts are now, and what follows later."""

    wanted: NewCampaigns | None = Field(description="As the run was asked for them.")
    lacking: int = Field(description="Keywords that would pay but have no ad group.")
    currency: str | None
    campaigns: list[CampaignWithNew]
    later: list[LaterNegative]


class Alert(Model):
    """Something unlike before in the week to ``day``, as a job says it in a night."""

    kind: str = Field(description="spend, cpc, conversion, stopped or new-term.")
    day: date
    currency: str | None
    campaign: str | None = Field(description="Null where the whole account is meant.")
    ad_group: str | None
    search_term: str | None
    was: float = Field(description="What is usual.")
    now: float
    message: Sentence
    text: str = Field(description="The same in English.")


class Results(Model):
    """The headline of a finished run."""

    run_id: str
    rows: int
    terms: int
    target_acos: float
    margin: float | None
    rho: float
    sales_at_risk: float = Field(description="The most that may be at risk, as a share of sales.")
    warnings: list[Sentence]
    refusals: list[Sentence] = Field(description="Why nothing may be written for upload, if so.")
    counts: dict[str, int] = Field(description="Rows by action.")
    period: list[str] | None = Field(None, description="First and last day of the report.")
    marketplace: str | None = None
    matched: bool = Field(True, description="Whether terms were matched with products.")
    bids: bool = Field(True, description="Whether any bid is known.")
    outcomes: list[OutcomeSum]
    currencies: list[CurrencyResult]
    backtest: BacktestSummary | None
    replay_days: int | None = Field(
        None, description="Days that a replay needs; null where the report is not daily."
    )
    alerts: list[Alert] = Field(
        [], description="What was unlike before in the last week of a daily report."
    )
    downloads: list[Download]


class ReplayLine(Model):
    """What a policy's changes would have done on the days that followed; gain as in totals.

    ``equal_gain`` and ``admatch_gain`` are those of the policy and of admatch where both lose the
    same sales.
    """

    currency: str | None
    policy: Sentence
    own: bool = Field(description="Whether it is admatch's.")
    changes: int
    saved_share: float | None
    lost_share: float | None
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    equal_gain: float | None
    admatch_gain: float | None
    acos_before: float | None
    acos_after: float | None


class ReplayHeld(Model):
    """How often the promised 80 % ranges held, as a share of the days of decision."""

    currency: str | None
    acos_held: float | None
    spend_held: float | None
    cuts: int


class ReplayResult(Model):
    """Decisions made at past days, scored on the days that followed."""

    days: list[str]
    until: str
    profit: bool
    held: list[ReplayHeld]
    lines: list[ReplayLine]


class WhatIf(Model):
    """Other settings for a finished run."""

    target_acos: float | None = Field(None, gt=0, le=5)
    sales_at_risk: float | None = Field(None, ge=0, le=1)
    rho: float | None = Field(None, ge=0, le=1)


class WhatIfCurrency(Model):
    """What one currency would become."""

    currency: str | None
    expected: Expected
    frontier: list[FrontierPoint]


class WhatIfResult(Model):
    """Totals and frontier under other settings; no term is matched again."""

    target_acos: float
    sales_at_risk: float
    rho: float
    counts: dict[str, int]
    currencies: list[WhatIfCurrency]
    warnings: list[Sentence]
