"""What the API answers about decisions, and takes as verdicts on them."""

from typing import Annotated

from pydantic import Field

from admatch.store.verdict import Verdict
from admatch.web.api.models import Model
from admatch.web.api.sentence import Sentence

FilterName = Annotated[str, Field(max_length=40)]
FilterValue = Annotated[str, Field(max_length=2000)]


class DecisionSums(Model):
    """Sums over all rows that pass a filter; amounts only where there is one currency."""

    rows: int
    in_file: int
    changes: int = Field(description="Changes of the account among them.")
    beyond: int = Field(description="Rows that these changes touch outside the filter.")
    clicks: int | None
    spend: float | None
    orders: int | None
    sales: float | None
    spend_freed: float | None
    gain: float | None
    sales_at_risk: float | None


class Decision(Model):
    """One decision, as a line of the table."""

    decision: int
    unit: int | None = Field(None, description="The change that it belongs to.")
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
    changing: bool = Field(description="Its action changes the account.")
    not_in_file: Sentence | None = Field(description="Why a change does not go into the file.")
    reason: Sentence
    warning: Sentence | None
    outcome: str
    impressions: int | None
    clicks: int
    spend: float | None
    orders: int | None
    sales: float | None
    acos: float | None
    acos_before: float | None = Field(description="Expected without changes.")
    acos_after: float | None = Field(description="Expected with its change.")
    chance: float | None = Field(description="That its clicks pay at the target.")
    probability: float | None
    product_id: str | None
    title: str | None
    picture: str | None = Field(description="Address of the product's picture, if it has one.")
    product_probability: float | None
    term_id: str | None = Field(description="ID path of the term, without regard to a catalog.")
    product_semantic_id: str | None
    spend_freed: float | None
    sales_at_risk: float | None
    gain: float | None = Field(
        description="Profit where ``margin`` is known, else the contribution at the target."
    )
    whole_gain: float | None = Field(
        description="Of its change as a whole, where several rows have a part of that."
    )
    target_acos: float | None
    margin: float | None
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


class LevelSums(Model):
    """Sums of decisions; what changes do counts where they go into the file."""

    terms: int
    impressions: int | None
    clicks: int | None
    spend: float | None
    orders: int | None
    sales: float | None
    acos: float | None
    acos_expected: float | None = Field(description="In as long a period, with the file's changes.")
    spend_freed: float | None
    sales_at_risk: float | None
    gain: float | None
    in_file: int


class LevelRow(LevelSums):
    """A targeting, an ad group, a campaign or a product; names of finer levels are null."""

    currency: str | None
    campaign: str | None
    ad_group: str | None
    targeting: str | None
    match_type: str | None
    product_id: str | None
    title: str | None
    picture: str | None


class Level(Model):
    """A page of a level, with the sums over all that pass the filter."""

    total: int
    page: int
    size: int
    sums: LevelSums
    items: list[LevelRow]


class Day(Model):
    """Traffic of a day."""

    day: str
    clicks: int | None
    spend: float | None
    orders: int | None
    sales: float | None


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
    met_words: list[str] | None = Field(None, description="That the nearest own product has.")
    unmet_words: list[str] | None = Field(None, description="That it lacks.")
    runner_up_product_id: str | None
    runner_up_title: str | None
    runner_up_margin: float | None
    related_probability: float | None
    prior_cvr: float | None
    strength: float | None
    cvr: float | None
    cvr_low: float | None
    cvr_high: float | None
    order_value: float | None
    cpc: float | None
    break_even_cvr: float | None
    clicks_needed: int | None
    acos_before_low: float | None
    acos_before_high: float | None
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
    filter: dict[FilterName, FilterValue] | None = Field(
        None,
        max_length=50,
        description="Instead: fields as of GET decisions; every row that passes is meant.",
    )
    verdict: Verdict | None = Field(None, description="Null leaves it and sets the note alone.")
    note: str | None = Field(None, max_length=2000)


class VerdictsGiven(Model):
    """How many decisions have the verdict now."""

    changed: int
    before: dict[Verdict, list[int]] = Field(description="What each had, to take it back.")
