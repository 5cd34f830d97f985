"""One decision for each term, and the set of them that pays best: ``recommend``."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias

import polars as pl

from admatch.catalog.records import Catalog
from admatch.decisions.actions import CHANGING, LEVERS, NEGATIONS, Action
from admatch.decisions.backtest import Backtest
from admatch.decisions.best_set import best_sets
from admatch.decisions.budgets import pacing
from admatch.decisions.campaign_lines import with_lines
from admatch.decisions.caps import beyond_caps
from admatch.decisions.correction import Correction, corrected
from admatch.decisions.decide import decide, with_covered
from admatch.decisions.effects import with_effects
from admatch.decisions.evidence import FittedModel, TermFacts, collect_facts
from admatch.decisions.goals import Goals
from admatch.decisions.guard_rails import GuardRails, Preset
from admatch.decisions.new_campaigns import NewCampaigns, with_new_places
from admatch.decisions.propose import changes_by_unit, structure_of
from admatch.decisions.reasons import reasons, warnings
from admatch.decisions.recommendations import COLUMNS, Recommendations
from admatch.decisions.refusals import cautions, note_message, refusals
from admatch.decisions.ruled_out import recently_changed, without_contrary, without_rejected
from admatch.decisions.settings import days_of, settings_lines
from admatch.decisions.standing_negatives import with_archived
from admatch.decisions.units import (
    decisions_of,
    units_of,
    units_of_lines,
    with_units,
    with_whole_gains,
)
from admatch.errors import InputError
from admatch.impact.budgets import capped_campaigns
from admatch.impact.changes import Change, ChangeSet
from admatch.impact.placements import placements
from admatch.impact.what_if import check_rho
from admatch.match.records import Matches
from admatch.messages import Message, as_json, say
from admatch.reports.account.records import Account
from admatch.reports.records import SearchTermReport
from admatch.threads import steady_numpy

Numbered: TypeAlias = Mapping[int, tuple[str | None, Change]]  # by unit, with the currency
_WORTHWHILE = 0.001  # share of the spend that a change has to gain
_BLAST = 20  # terms named beside a row


class UploadRules(Protocol):
    """What can be written for upload."""

    def refused(self, changes: Numbered, structure: Sequence[Change]) -> Mapping[int, Message]:
        """Return why some of the changes cannot be written; ``structure`` is made before them."""
        ...

    def lowest_bid(self, currency: str | None) -> float | None:
        """Return the lowest bid of the marketplace of a currency, or None where it is unknown."""
        ...


@steady_numpy()
def recommend(
    report: SearchTermReport,
    matches: Matches | None,
    model: FittedModel,
    *,
    target_acos: float,
    account: Account | None = None,
    catalog: Catalog | None = None,
    margin: float | None = None,
    targets: Mapping[str, float] | None = None,
    margins: Mapping[str, float] | None = None,
    protect: Sequence[str] = (),
    rho: float = 0.0,
    guard_rails: GuardRails | None = None,
    most_changes: int | None = None,
    backtest: Backtest | None = None,
    window_days: int | None = None,
    recent: ChangeSet | None = None,
    earlier: ChangeSet | None = None,
    correction: Correction | None = None,
    rejected: pl.DataFrame | None = None,
    explain: bool = True,
    upload: UploadRules | None = None,
    negatives: Matches | None = None,
    facts: TermFacts | None = None,
    new_campaigns: NewCampaigns | None = None,
    places: pl.DataFrame | None = None,
    capped: Mapping[str, float] | None = None,
) -> Recommendations:
    """Return what to do about every (ad group, term) of a report.

    ``model`` has been fitted to ``report`` and ``matches``. ``target_acos`` is spend over sales
    (0.30). Sales are worth ``margin``, or the target where no margin is given. ``targets`` and
    ``margins`` are those of products, campaigns, portfolios and brands by name; products have them
    in the catalog, too. ``account`` has keywords, bids and advertised products, ``catalog`` one's
    own brands, names and ASINs; ``protect`` are further words never to be negated. ``rho`` is the
    share of blocked clicks that reappear elsewhere. ``backtest`` is the result of
    ``backtest.backtest``. ``recent`` are changes of earlier runs within the cooldown, ``earlier``
    those whose opposite is not proposed. ``correction`` is what the outcomes of earlier changes
    taught about expected effects, ``rejected`` is what people rejected
    (``ruled_out.without_rejected``). ``explain=False`` leaves the reasons out, for callers that
    show totals only. ``upload`` says which changes cannot be written for upload and why: those are
    never chosen, and ``totals`` counts them apart. Without it only changes without a known bid or
    destination are left out, and nothing is paused, as no lowest bid is known. ``negatives`` are
    what the texts of the account's negatives match. ``facts`` are those of the same report, account
    and catalog, for callers that decide again and again. ``new_campaigns`` says how campaigns are
    made for new keywords that have no ad group; without it those are not written. ``places`` is
    what the clicks of each placement bring (``placements``), ``capped`` are the campaigns that
    spend their daily budget (``capped_campaigns``), both by default as report and account say it.

    Raises ``InputError`` for a target, margin or rho out of range, and for a model of another
    report.

    >>> advice = am.recommend(
    ...     report, matches, model, target_acos=0.30, account=account, catalog=catalog
    ... )
    >>> len(advice), advice.counts[am.Action.NEGATE_EXACT] > 0
    (491, True)
    """
    goals = Goals(target_acos, margin, targets or {}, margins or {})
    check_rho(rho)
    guard_rails = guard_rails or GuardRails()
    learned = correction or Correction()
    facts = facts or collect_facts(
        report, matches, model, account=account, catalog=catalog, protect=protect
    )
    evidence = facts.evidence(goals)
    _check_model(report, evidence.rows)
    evidence = replace(evidence, rows=_with_lowest_bids(evidence.rows, upload))
    rows = decide(evidence, guard_rails, recently_changed(evidence.rows, recent))
    rows = with_covered(without_rejected(without_contrary(rows, earlier), rejected))
    rows = with_new_places(rows, new_campaigns, account, catalog, days_of(report))
    capped = capped_campaigns(report, account) if capped is None else capped
    rows = _capped(rows, guard_rails, rho, capped, learned)
    ruled_out = (recent, earlier, rejected)
    known = placements(account) if places is None else places
    lines = settings_lines(rows, account, guard_rails, capped, known, ruled_out)
    units = pl.concat([units_of(rows, learned), units_of_lines(lines, learned)])
    rows = corrected(with_lines(rows, lines), learned)
    rows = with_archived(
        _with_new_bids(rows), account, evidence.shown, evidence.keywords, negatives, guard_rails,
        (recent, earlier), rejected,
    )  # fmt: skip
    against = tuple(refusals(report, window_days, backtest, guard_rails))
    reasons_against = _unwritable(rows, upload, against)
    rows, totals, curve = best_sets(rows, units, reasons_against, model, guard_rails, most_changes)
    rows = _explained(rows, rho, explain, reasons_against)
    has = catalog is not None, account is not None
    return Recommendations(
        frame=rows.select(COLUMNS),
        frontier=curve,
        totals=totals,
        target_acos=target_acos,
        margin=margin,
        rho=rho,
        warnings=(
            *guard_rails.warnings(),
            *evidence.notes,
            *pacing(rows, lines, capped),
            *cautions(report, window_days, backtest, *has),
            *(note_message(note) for note in model.notes),
            *([learned.message] if learned.outcomes else []),
        ),
        refusals=against,
        settings=_settings(report, model, goals, rho, guard_rails.preset),
        rows=rows,
        catalog=catalog or (matches.catalog if matches else None),
    )


def _check_model(report: SearchTermReport, rows: pl.DataFrame) -> None:
    """Raise ``InputError`` where the model knows fewer terms than the report, or other ones."""
    terms = report.frame.select("campaign", "ad_group", "search_term").n_unique()
    if rows.height < terms or (rows.height and rows["targets"].null_count() == rows.height):
        raise InputError(say("decisions.model.another_report"))


def _capped(
    rows: pl.DataFrame,
    guard_rails: GuardRails,
    rho: float,
    capped: Mapping[str, float],
    learned: Correction,
) -> pl.DataFrame:
    """Return the rows with units and effects, negations beyond the caps and small changes put off.

    Most often nothing is put off: then nothing else changes either.
    """
    rows = with_units(with_effects(rows, rho, capped))
    sales = rows.select("currency", "campaign", pl.col("expected_sales").fill_null(0.0))
    late = beyond_caps(units_of(rows, learned), sales, guard_rails)
    if len(late):
        rows = with_units(with_effects(_withdrawn(rows, late, "cap", NEGATIONS), rho, capped))
    small = _too_small(units_of(rows, learned), rows)
    if len(small):
        rows = with_units(with_effects(_withdrawn(rows, small, "small", CHANGING), rho, capped))
    return rows


def _withdrawn(
    rows: pl.DataFrame, units: pl.Series, why: str, actions: Sequence[Action]
) -> pl.DataFrame:
    """Return the rows, those of some units watched instead, or kept where the term sells."""
    inside = pl.col("unit").is_in(units.implode())
    out = inside & pl.col("action").is_in([one.value for one in actions])
    sells = pl.col("orders") > 0
    instead = pl.when(sells).then(pl.lit(Action.KEEP.value)).otherwise(pl.lit(Action.WATCH.value))
    watched = rows.with_columns(
        action=pl.when(out).then(instead).otherwise("action"),
        why=pl.when(out).then(pl.lit(why)).otherwise("why"),
        factor=pl.when(out).then(None).otherwise("factor"),
    )
    return with_covered(watched)


def _too_small(units: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """Return the units that gain less, at the target, than a click or ``_WORTHWHILE`` of the spend.

    The target, not the margin, is the measure here: what lowers ACOS towards it is wanted even
    where it costs profit. Units of one decision gain together.
    """
    spend = rows.group_by("currency", maintain_order=True).agg(
        least=_WORTHWHILE * pl.col("expected_spend").sum()
    )
    known = units.join(spend, on="currency", how="left", nulls_equal=True, maintain_order="left")
    known = known.join(decisions_of(rows), on="unit", how="left", maintain_order="left")
    known = known.with_columns(gain=pl.col("sales_allowed") + pl.col("spend_freed"))
    gain = pl.col("gain").sum().over("currency", "decision")
    enough = (gain > pl.max_horizontal("least", "click")) & (pl.col("gain") > 0)
    return known.filter(~enough.fill_null(False))["unit"]


def _with_lowest_bids(rows: pl.DataFrame, upload: UploadRules | None) -> pl.DataFrame:
    """Return the rows with the lowest bid that their marketplace takes; null where unknown."""
    codes = rows["currency"].unique().to_list()
    known = {code: upload.lowest_bid(code) for code in codes} if upload is not None else {}
    lowest = pl.DataFrame(
        {"currency": [*known], "lowest_bid": [*known.values()]},
        schema={"currency": pl.String, "lowest_bid": pl.Float64},
    )
    return rows.join(lowest, on="currency", how="left", nulls_equal=True, maintain_order="left")


def _with_new_bids(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the bids that a change writes: of a targeting, of a new keyword."""
    return rows.with_columns(
        new_bid=pl.when(pl.col("factor") > 0).then((pl.col("bid") * pl.col("factor")).round(2)),
        keyword_bid=pl.col("cpc") * pl.col("factor"),
        phrase=pl.when(pl.col("action") == Action.NEGATE_PHRASE.value).then("phrase"),
    )


def _unwritable(
    rows: pl.DataFrame, upload: UploadRules | None, against: Sequence[Message]
) -> dict[int, Message]:
    """Return why the change of a unit cannot be written, by its number."""
    changes = changes_by_unit(rows)
    own = rows.filter(pl.col("action").is_in([one.value for one in CHANGING]))
    currencies = dict(own.select("unit", "currency").iter_rows())
    bids = set(rows.filter(pl.col("action").is_in([one.value for one in LEVERS]))["unit"])
    unknown = say("decisions.warning.bid"), say("decisions.warning.destination")
    found = {unit: unknown[unit not in bids] for unit, change in changes.items() if change is None}
    possible = {
        unit: (currencies[unit], change) for unit, change in changes.items() if change is not None
    }
    if upload is not None:
        found |= upload.refused(possible, structure_of(rows))
        if against:
            found |= dict.fromkeys(possible, against[0])
    return found


def _explained(
    rows: pl.DataFrame, rho: float, explain: bool, unwritable: Mapping[int, Message]
) -> pl.DataFrame:
    """Return the rows with the columns that only a reader needs; reasons where ``explain``."""
    margin = pl.col("product_probability") - pl.col("runner_up_product_probability")
    nothing: list[Message | None] = [None] * rows.height
    rows = with_whole_gains(rows)
    why, warning = (reasons(rows), _cautions(rows, unwritable)) if explain else (nothing, nothing)
    return _with_blast(rows).with_columns(
        reason=pl.Series(why, dtype=pl.String),
        warning=pl.Series(warning, dtype=pl.String),
        reason_message=_as_json(why),
        warning_message=_as_json(warning),
        runner_up_margin=margin,
        cvr=pl.col("rate"),
        cvr_low=pl.col("rate_low"),
        cvr_high=pl.col("rate_high"),
        break_even_cvr=pl.col("break_even"),
        rho=pl.lit(rho),
    )


def _cautions(rows: pl.DataFrame, unwritable: Mapping[int, Message]) -> list[Message | None]:
    """Return why each row's change cannot be written, or else what to see to before an upload."""
    changing = rows["action"].is_in([one.value for one in CHANGING]).to_list()
    units = zip(rows["unit"].to_list(), changing, warnings(rows), strict=True)
    return [(unwritable.get(unit) if own else None) or caution for unit, own, caution in units]


def _as_json(messages: Sequence[Message | None]) -> pl.Series:
    """Return messages as JSON, so that a page can say them in its reader's language."""
    known: dict[str | None, str | None] = {None: None}  # many rows say the same
    for one in messages:
        if one is not None and one not in known:
            known[one] = json.dumps(as_json(one), ensure_ascii=False)
    return pl.Series([known[one] for one in messages], dtype=pl.String)


def _with_blast(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ``blast_radius``: some of the terms that the same negation blocks.

    All are of the row's ad group: a negation of an ad group reaches no further.
    """
    negated = rows.filter(pl.col("action").is_in([one.value for one in NEGATIONS]))
    named = negated.group_by("unit").agg(
        pl.col("search_term").unique().sort().head(_BLAST).alias("blast_radius")
    )
    joined = rows.join(named, on="unit", how="left", maintain_order="left")
    if "blocked_terms" in rows.columns:  # by a negative that is in force
        joined = joined.with_columns(pl.coalesce("blast_radius", "blocked_terms"))
    return joined.with_columns(pl.col("blast_radius", "other_ad_groups", "conflicts").fill_null([]))


def _settings(
    report: SearchTermReport,
    model: FittedModel,
    goals: Goals,
    rho: float,
    preset: Preset,
) -> dict[str, str | float | int | None]:
    """Return where the changes come from, for the manifest (guard-rail 8)."""
    figures = report.frame.select("search_term", "clicks", "spend", "orders", "sales")
    digest = hashlib.sha256(figures.write_csv().encode()).hexdigest()
    return {
        "target_acos": goals.target_acos,
        "margin": goals.margin,
        **{f"target_acos of {name}": share for name, share in goals.targets.items()},
        **{f"margin of {name}": share for name, share in goals.margins.items()},
        "rho": rho,
        "preset": preset.value,
        "model": model.basis,
        "seed": model.seed,
        "data": digest,
    }
