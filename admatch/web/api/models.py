"""What the API takes and answers; the OpenAPI document is made of these."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from admatch.web.api.sentence import Sentence
from admatch.web.store.queue import State


class Model(BaseModel):
    """Refuses unknown fields, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


# A limit on every text of a request also keeps halves of letters out, which no file can hold.
PartName = Annotated[str, Field(max_length=500)]


class Account(Model):
    """Whose data these are."""

    id: str
    name: str
    keep_days: int | None = Field(description="Uploads and runs older than this are deleted.")


class UploadLimits(Model):
    """The most that an upload may hold; sizes in bytes."""

    request: int
    file: int
    files: int
    unpacked: int
    ratio: int
    members: int
    sheets: int
    rows: int
    cells: int
    picture: int
    tables: int
    memory: int


class SessionInfo(Model):
    """Who makes the request; a request that changes something has ``csrf`` as X-CSRF-Token."""

    account: Account
    csrf: str | None
    open_access: bool = Field(description="Nobody has to sign in: it serves this computer only.")
    limits: UploadLimits
    version: str


class FileInfo(Model):
    """One uploaded file, and what was recognised in it once it is read."""

    id: str | None = None
    name: str
    bytes: int | None = None
    what: list[Sentence] = []
    kinds: list[Literal["report", "account", "products", "insights"]] = []
    rows: int | None = None
    usable: bool | None = None
    refusal: Sentence | None = None
    headers: list[str] = Field([], description="First line of a table that was not recognised.")
    known: dict[str, str] = Field({}, description="Of these, what a report would call them.")
    problem_count: int = 0


class RowProblem(Model):
    """One thing that was passed over or repaired."""

    file: str
    row: int | None
    column: str | None
    value: str | None
    what: Sentence
    remedy: Sentence
    text: str = Field(description="All of it in one English sentence.")


class Upload(Model):
    """What catalogs and reports share; ``reason`` says why the state is failed."""

    id: str
    name: str
    state: State
    reason: Sentence | None
    created: datetime
    files: list[FileInfo]
    problems: list[RowProblem] = []
    problem_count: int = 0
    stage: str | None = Field(None, description="While it is being read.")
    done: int = 0
    total: int = 0


class Catalog(Upload):
    """Products that were uploaded."""

    products: int | None = None
    skipped: int | None = None
    pictures: int | None = Field(None, description="Products with a picture.")
    brands: int | None = None
    currencies: list[str] = []


class Totals(Model):
    """Sums of one currency; null where the files have no such column."""

    currency: str | None
    impressions: int | None
    clicks: int | None
    spend: float | None
    sales: float | None
    orders: int | None
    units: int | None = None
    acos: float | None


class SearchProgress(Model):
    """What a search is waiting for; no stage: only for the search itself."""

    stage: str | None = None
    done: int = 0
    total: int = 0


class AccountSummary(Model):
    """What a bulk file lists of the advertising account."""

    rows: int
    entities: dict[str, int]
    skipped: int
    ids: int = Field(0, description="Targets whose ID is known, which a file for upload needs.")
    bids: int = Field(0, description="Targets whose bid is known.")
    advertised: int = Field(0, description="Products that the ads are for.")


class Report(Upload):
    """Files of an account: search-term reports, which count as one, bulk files, products."""

    lacking: Sentence | None = Field(None, description="What an analysis of them still needs.")
    reconciliation: list[Sentence] = Field(
        [], description="What became of each table's lines, and whether its total agrees."
    )
    rows: int | None = None
    skipped: int | None = None
    repeated: int | None = Field(None, description="Rows that are in several files; counted once.")
    granularity: Literal["daily", "summary"] | None = None
    period: list[str] | None = Field(None, description="First and last day.")
    window_days: int | None = None
    terms: dict[str, int] = Field({}, description="Distinct terms by kind.")
    totals: list[Totals] = []
    formats: list[Sentence] = []
    marketplace: str | None = Field(None, description="Where its currency has only one.")
    campaigns: int | None = None
    ad_groups: int | None = None
    account: AccountSummary | None = None
    products: int | None = Field(None, description="Where a catalog is among the files.")
    pictures: int | None = None
    brands: int | None = None
    currencies: list[str] = []


class Target(Model):
    """A proposed target, and why."""

    target_acos: float
    why: Sentence


class Part(Model):
    """A campaign, portfolio, brand or product, with the goal that the list of products states."""

    kind: Literal["campaign", "portfolio", "brand", "product"]
    name: str
    title: str | None
    currency: str | None
    spend: float | None
    sales: float | None
    products: int | None
    target_acos: float | None
    margin: float | None


class Parts(Model):
    """A page of the parts that may have goals of their own."""

    total: int
    page: int
    size: int
    kinds: dict[str, int] = Field(description="Parts by kind, before any filter.")
    items: list[Part]


class NewCampaigns(Model):
    """How campaigns of new keywords that have no ad group are laid out and named."""

    structure: Literal["campaign-a-product", "ad-group-a-product"] = "campaign-a-product"
    campaign: str = Field(
        "", max_length=200, description="With {product}, {asin} or {sku} in it; empty: the usual."
    )
    ad_group: str = Field("", max_length=200, description="The same of ad groups.")


class RunSettings(Model):
    """What a run aims at; shares are written 0.30, not 30."""

    target_acos: float = Field(gt=0, le=5, examples=[0.3])
    margin: float | None = Field(None, gt=0, le=1, description="Profit before ads over sales.")
    targets: dict[PartName, Annotated[float, Field(gt=0, le=5)]] = Field(
        {},
        max_length=1000,
        description="Target ACOS of single campaigns, portfolios, brands or products, by name.",
    )
    margins: dict[PartName, Annotated[float, Field(gt=0, le=1)]] = Field(
        {}, max_length=1000, description="Margins of the same."
    )
    rho: float = Field(0.0, ge=0, le=1, description="Share of blocked clicks that reappear.")
    preset: Literal["cautious", "balanced", "target-first"] = Field(
        "balanced", description="How much expected profit may be at risk for the target."
    )
    sales_at_risk: float | None = Field(
        None, ge=0, le=1, description="Most of sales put at risk; by default the preset's."
    )
    guard_rails: dict[Annotated[str, Field(max_length=100)], float] = Field(
        {}, max_length=100, description="Further figures of am.GuardRails."
    )
    window_days: int | None = Field(None, ge=1, le=90, description="Attribution window.")
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", examples=["EUR"])
    seed: int = Field(7, ge=0, le=2**31)
    most_changes: int | None = Field(None, ge=1, le=1_000_000)
    protect: list[Annotated[str, Field(max_length=200)]] = Field(
        [], max_length=1000, description="Words that are never negated."
    )
    marketplace: str | None = Field(None, pattern="^[A-Z]{2}$", examples=["DE"])
    new_campaigns: NewCampaigns | None = Field(
        None, description="Without it, keywords that have no ad group are not written."
    )


class NewRun(Model):
    """A run to start; it waits for uploads that are still being read.

    Without ``catalog_id``, products are those among the report's files; without any, terms are
    judged by their clicks and orders alone.
    """

    catalog_id: str | None = Field(None, max_length=64)
    report_id: str = Field(max_length=64)
    settings: RunSettings


class Named(Model):
    """Something by id and name; the name is null where it was deleted."""

    id: str
    name: str | None


class RunProgress(Model):
    """How far a running run is."""

    stage: str = Field(examples=["encoding terms"])
    stages: list[str]
    done: int
    total: int
    share: float = Field(description="Of the whole run, 0 … 1.")
    seconds_left: float | None


class RunResult(Model):
    """What a finished run proposes in one currency."""

    currency: str | None
    changes: int
    freed: float | None
    acos_before: float | None
    acos_after: float | None
    waiting: int = Field(description="Changes that would pay but cannot be written.")


class RunUpload(Model):
    """What Amazon reported on one upload of a run's changes."""

    read: datetime = Field(description="When Amazon's report was read.")
    made: int
    failed: int


class Run(Model):
    """A run; its results are there when it is done."""

    id: str
    state: State
    reason: Sentence | None
    attempts: int
    catalog: Named | None = Field(description="Null where products came with the report's files.")
    report: Named
    settings: RunSettings
    progress: RunProgress | None
    waiting_before: int = Field(description="Jobs in the queue before this one.")
    created: datetime
    started: datetime | None
    ended: datetime | None
    period: list[str] | None = Field(None, description="First and last day of the report.")
    results: list[RunResult] = Field([], description="Once it is done.")
    uploads: list[RunUpload] = Field([], description="The last one last.")


class FoundProduct(Model):
    """A product that a search found; it has no probability where the query has a picture."""

    product_id: str
    title: str
    semantic_id: str
    score: float
    probability: float | None
    picture: str | None


class SearchResults(Model):
    """Products, the nearest first."""

    items: list[FoundProduct]


class Credentials(Model):
    """What an account signs in with."""

    name: str = Field(max_length=64)
    token: str = Field(max_length=500)


class Retention(Model):
    """After how many days uploads and runs are deleted; null: as the server is set."""

    keep_days: int | None = Field(None, ge=1, le=3650)


class NewSample(Model):
    """Whether to run the example at once."""

    run: bool = True


class Sample(Model):
    """The example's uploads, and its run."""

    catalog_id: str
    report_id: str
    run_id: str | None


class Product(Model):
    """A product of a catalog."""

    product_id: str
    title: str
    brand: str | None
    category: str | None
    price: float | None
    currency: str | None
    picture: str | None


class Products(Model):
    """A page of products."""

    total: int
    page: int
    size: int
    items: list[Product]
