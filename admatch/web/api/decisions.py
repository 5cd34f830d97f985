"""Routes of decisions: listed, one with its evidence, verdicts, levels, traffic by day."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi import Path as PathParameter

from admatch.messages import say
from admatch.store.verdict import Verdict
from admatch.store.workspace import Row
from admatch.web.api.decision_models import (
    Day,
    Decision,
    DecisionDetail,
    Decisions,
    DecisionSums,
    Level,
    LevelRow,
    LevelSums,
    NewVerdicts,
    RetrievedProduct,
    VerdictsGiven,
)
from admatch.web.api.finished_run import decision_table, done_run, result_folder, writing_for
from admatch.web.auth import CurrentServer, CurrentVisitor
from admatch.web.catalogs import picture_address
from admatch.web.decision_filter import DecisionFilter
from admatch.web.decisions import VERDICTS, api_row
from admatch.web.levels import days
from admatch.web.problems import ProblemError, not_found
from admatch.web.server import Server
from admatch.web.store.verdicts import give_verdicts

if TYPE_CHECKING:
    import polars as pl

router = APIRouter(prefix="/runs/{run_id}", tags=["results"])


def _selection(
    decision: Annotated[
        str | None,
        Query(max_length=2000, pattern=r"^[0-9]+(,[0-9]+)*$", description="Numbers, with commas"),
    ] = None,
    q: Annotated[
        str | None, Query(max_length=200, description="Words in term, title, campaign")
    ] = None,
    action: Annotated[
        str | None, Query(max_length=300, description="One, or several separated by commas")
    ] = None,
    outcome: Annotated[str | None, Query(max_length=100)] = None,
    verdict: Annotated[str | None, Query(max_length=100)] = None,
    in_file: bool | None = None,
    changing: bool | None = None,
    chosen: bool | None = None,
    currency: Annotated[str | None, Query(max_length=3)] = None,
    campaign: Annotated[str | None, Query(max_length=500)] = None,
    ad_group: Annotated[str | None, Query(max_length=500)] = None,
    targeting: Annotated[str | None, Query(max_length=500)] = None,
    product_id: Annotated[str | None, Query(max_length=200)] = None,
    least_gain: Annotated[float | None, Query(description="Gain of at least so much")] = None,
    certainty: Annotated[float | None, Query(ge=0, le=1)] = None,
) -> DecisionFilter:
    """Return which decisions are asked for."""
    given = {
        "decision": decision, "q": q, "action": action, "outcome": outcome, "verdict": verdict,
        "currency": currency, "campaign": campaign, "ad_group": ad_group, "targeting": targeting,
        "product_id": product_id,
    }  # fmt: skip
    more = {
        "in_file": in_file,
        "changing": changing,
        "chosen": chosen,
        "least_gain": least_gain,
        "certainty": certainty,
    }
    written = {name: str(one).lower() for name, one in more.items() if one is not None}
    return DecisionFilter.of({k: v for k, v in given.items() if v is not None} | written)


Selected = Annotated[DecisionFilter, Depends(_selection)]


@router.get("/levels/{level}")
def levels(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    level: str,
    selection: Selected,
    sort: Annotated[str, Query(max_length=40)] = "-spend",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Level:
    """Return targetings, ad groups, campaigns or products with the sums of their decisions."""
    row = done_run(server, visitor, run_id)
    found = decision_table(server, row).level(selection, level, sort, page, size, _ads(server, row))
    pictured = _with_picture(server, row, found["items"])
    names = tuple(LevelRow.model_fields)
    items = [api_row(one, names, row["catalog_id"], pictured) for one in found["items"]]
    sums = {name: found["sums"].get(name) for name in LevelSums.model_fields}
    return Level(**found | {"sums": LevelSums(**sums), "items": [LevelRow(**one) for one in items]})


@router.get("/days")
def traffic(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    currency: Annotated[str | None, Query(max_length=3)] = None,
    campaign: Annotated[str | None, Query(max_length=500)] = None,
    ad_group: Annotated[str | None, Query(max_length=500)] = None,
    search_term: Annotated[str | None, Query(max_length=500)] = None,
) -> list[Day]:
    """Return traffic by day; nothing where the report is not daily."""
    row = done_run(server, visitor, run_id)
    file = server.workspace.path(row["account_id"], row["report_id"]) / "read" / "report.parquet"
    given = {
        "currency": currency, "campaign": campaign, "ad_group": ad_group,
        "search_term": search_term,
    }  # fmt: skip
    return [Day(**one) for one in days(server.frames.get(file), given)]


@router.get("/decisions")
def decisions(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    selection: Selected,
    sort: Annotated[
        str, Query(max_length=40, description="A field; '-' before it: descending")
    ] = "-spend",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Decisions:
    """Return a page of decisions, filtered, searched and sorted."""
    row = done_run(server, visitor, run_id)
    found = decision_table(server, row).page(selection, sort, page, size)
    catalog_id, pictured = row["catalog_id"], _with_picture(server, row, found["items"])
    names = tuple(Decision.model_fields)
    items = [Decision(**api_row(one, names, catalog_id, pictured)) for one in found["items"]]
    return Decisions(**found | {"items": items, "sums": DecisionSums(**found["sums"])})


@router.get("/decisions/{decision}")
def decision(
    server: CurrentServer,
    visitor: CurrentVisitor,
    run_id: str,
    decision: Annotated[int, PathParameter(ge=0, lt=2**31)],
) -> DecisionDetail:
    """Return one decision with its evidence, ID paths, and the products that its term retrieves."""
    row = done_run(server, visitor, run_id)
    found = decision_table(server, row).detail(decision)
    if found is None:
        raise not_found("decision")
    catalog_id = row["catalog_id"]
    pictured = _with_picture(server, row, [found, *found["products"]])
    products = [
        RetrievedProduct(
            **one,
            picture=picture_address(catalog_id, one["product_id"])
            if one["product_id"] in pictured
            else None,
        )
        for one in found.pop("products")
    ]
    own = api_row(found, tuple(DecisionDetail.model_fields), catalog_id, pictured)
    return DecisionDetail(**own | {"products": products})


@router.post("/decisions")
def set_verdicts(
    server: CurrentServer, visitor: CurrentVisitor, run_id: str, body: NewVerdicts
) -> VerdictsGiven:
    """Accept or reject decisions, by number or by filter, with a note."""
    row = done_run(server, visitor, run_id)
    if (body.decisions is None) == (body.filter is None):
        raise ProblemError(422, say("web.decisions.either"))
    if body.verdict is None and body.note is None:
        raise ProblemError(422, say("web.decisions.nothing"))
    selection = None if body.filter is None else DecisionFilter.of(body.filter)
    table = decision_table(server, row)
    numbers = table.numbers(selection, _valid(body.decisions))
    given = give_verdicts(
        server.workspace, visitor.account.id, run_id, numbers, body.verdict, body.note,
        visitor.account.name,
    )  # fmt: skip
    if not given:
        raise not_found("run")
    with server.verdicts_lock, writing_for(server, row):
        decision_table(server, row).write_verdicts(
            result_folder(server, row) / "offered" / VERDICTS
        )
    before = {Verdict(name): held for name, held in table.verdicts_before(numbers).items()}
    return VerdictsGiven(changed=len(numbers), before=before)


def _valid(numbers: list[int] | None) -> list[int]:
    return [one for one in numbers or [] if 0 <= one < 2**31]


def _ads(server: Server, row: Row) -> "pl.DataFrame | None":
    """Return the product of every ad group that advertises only one, as the bulk file has it."""
    import polars as pl

    folder = server.workspace.path(row["account_id"], row["report_id"]) / "read"
    if not (folder / "account.parquet").exists():
        return None
    account = server.frames.get(folder / "account.parquet")
    ads = account.filter(pl.col("entity") == "Product Ad").select(
        "campaign", "ad_group", product_id=pl.coalesce("asin", "sku")
    )
    groups = ads.drop_nulls().group_by("campaign", "ad_group")
    only = groups.agg(pl.col("product_id").unique()).filter(pl.col("product_id").list.len() == 1)
    return only.with_columns(pl.col("product_id").list.first())


def _with_picture(server: Server, row: Row, items: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return which of the items' products have a picture."""
    folder = server.workspace.path(row["account_id"], row["catalog_id"])
    return server.frames.with_picture(folder, [one["product_id"] for one in items])
