"""What the API answers about results: headline, decisions, verdicts, what-ifs."""

from pydantic import Field

from admatch.apps.web.api.models import Model
from admatch.store.verdict import Verdict


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
    """What the report says of the rows that are decided about."""

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
    profit_gain: float | None
    sales_at_risk: float | None
    changes: int
    reached: bool


class FrontierPoint(Model):
    """ACOS against sales kept after so many changes; the range holds 80 %."""

    changes: int
    spend: float | None
    sales: float | None
    sales_kept: float | None
    acos: float | None
    acos_low: float | None
    acos_high: float | None
    profit: float | None


class CurrencyResult(Model):
    """The headline of one currency."""

    currency: str | None
    seen: Seen
    wasted: float
    wasted_share: float | None
    causes: list[Cause]
    expected: Expected
    before: Figures | None
    after: Figures | None
    difference: Figures | None
    sales_at_risk: Interval | None
    frontier: list[FrontierPoint]


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


class BacktestTold(Model):
    """How such a model did on clicks that it had not seen."""

    by_time: bool
    coverage: float | None
    groups: int
    calibration: list[CalibrationBand]


class Download(Model):
    """A file that a run offers; ``available`` is null where it is made when asked for."""

    name: str
    what: str
    url: str
    available: bool | None
    reason: str | None = None


class Results(Model):
    """The headline of a finished run."""

    run_id: str
    rows: int
    terms: int
    target_acos: float
    margin: float | None
    rho: float
    warnings: list[str]
    refusals: list[str] = Field(description="Why nothing may be written for upload; mostly empty.")
    counts: dict[str, int] = Field(description="Rows by action.")
    outcomes: list[OutcomeSum]
    currencies: list[CurrencyResult]
    backtest: BacktestTold | None
    downloads: list[Download]


class DecisionSums(Model):
    """Sums over all rows that a filter finds; amounts only where there is one currency."""

    rows: int
    in_file: int
    clicks: int | None
    spend: float | None
    orders: int | None
    sales: float | None
    spend_freed: float | None
    profit_gain: float | None
    sales_at_risk: float | None


class Decision(Model):
    """One decision, as a line of the table."""

    decision: int
    currency: str | None
    campaign: str | None
    ad_group: str | None
    targeting: str | None
    match_type: str | None
    search_term: str
    term_kind: str
    action: str
    chosen: bool = Field(description="In the set that pays best.")
    verdict: Verdict | None
    note: str | None
    in_file: bool = Field(
        description="Goes into changes.xlsx: accepted, or chosen and not rejected."
    )
    reason: str
    warning: str | None
    outcome: str
    impressions: int | None
    clicks: int
    spend: float | None
    orders: int | None
    sales: float | None
    acos: float | None
    probability: float | None
    product_id: str | None
    title: str | None
    picture: str | None = Field(description="Address of the product's picture, if it has one.")
    product_probability: float | None
    term_id: str | None = Field(description="ID path of the term, bound by no catalog.")
    product_semantic_id: str | None
    spend_freed: float | None
    sales_at_risk: float | None
    profit_gain: float | None
    bid: float | None
    new_bid: float | None


class Decisions(Model):
    """A page of decisions."""

    total: int
    page: int
    size: int
    sums: DecisionSums
    actions: dict[str, int] = Field(description="Rows by action, before the filter by action.")
    items: list[Decision]


class RetrievedProduct(Model):
    """A product that a term retrieves."""

    rank: int
    product_id: str
    title: str | None
    semantic_id: str | None
    probability: float | None
    picture: str | None


class DecisionDetail(Decision):
    """One decision with all of its evidence."""

    sales_promoted: float | None
    sales_halo: float | None
    first_date: str | None
    last_date: str | None
    days: int | None
    maturity: float | None
    runner_up_product_id: str | None
    runner_up_title: str | None
    runner_up_margin: float | None
    kin_probability: float | None
    prior_cvr: float | None
    strength: float | None
    cvr: float | None
    cvr_low: float | None
    cvr_high: float | None
    order_value: float | None
    cpc: float | None
    break_even_cvr: float | None
    chance: float | None
    clicks_needed: int | None
    acos_before: float | None
    acos_before_low: float | None
    acos_before_high: float | None
    acos_after: float | None
    acos_after_low: float | None
    acos_after_high: float | None
    sales_at_risk_high: float | None
    rho: float | None
    phrase: str | None
    to_campaign: str | None
    to_ad_group: str | None
    other_ad_groups: list[str]
    blast_radius: list[str]
    conflicts: list[str]
    same_change: list[int] = Field(description="Decisions that the same change touches.")
    products: list[RetrievedProduct]


class NewVerdicts(Model):
    """A verdict on some decisions; it holds for all rows that the same change touches."""

    decisions: list[int] | None = Field(None, max_length=100_000)
    filter: dict[str, str] | None = Field(
        None, description="Instead: the same fields as of GET decisions, all rows that they find."
    )
    verdict: Verdict | None = Field(None, description="Null leaves it and sets the note alone.")
    note: str | None = Field(None, max_length=2000)


class VerdictsGiven(Model):
    """How many decisions have the verdict now."""

    changed: int


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


class WhatIfTold(Model):
    """Totals and frontier under other settings; no term is decoded again."""

    target_acos: float
    sales_at_risk: float
    rho: float
    counts: dict[str, int]
    currencies: list[WhatIfCurrency]
    warnings: list[str]
