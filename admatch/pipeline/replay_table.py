"""The tables of a replay: one line a policy at each cut, and their sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from admatch.impact.changes import Change, ChangeSet, Operation
from admatch.impact.figures import Figures, Interval
from admatch.impact.keyword_rules import fold
from admatch.impact.what_if import BeforeAfter
from admatch.pipeline.replay_paths import Path, at_equal_loss, ordered
from admatch.pipeline.replay_rules import ADMATCH, NOTHING, POLICIES
from admatch.pipeline.replay_scores import HIGH, LOW, Rules, effects
from admatch.pipeline.replay_traffic import Traffic
from admatch.reports.account.records import Entity, MatchType

# the policy and admatch, both cut down to the smaller loss of sales of the two
_EQUAL = (
    *("equal_lost", "equal_saved", "equal_gain"),
    *("admatch_lost", "admatch_saved", "admatch_gain"),
)
_NUMBERS = (
    # what the future brought without changes
    *("spend", "sales", "orders"),
    # what the policy's changes would have done to it; gain = saved less the worth of sales lost
    *("saved", "lost", "lost_orders", "gain", "gain_low", "gain_high"),
    *_EQUAL,
)
_PROMISES = (
    *("acos", "acos_expected", "acos_low", "acos_high"),
    *("spend_after", "spend_expected", "spend_low", "spend_high"),
)
LINES: dict[str, pl.DataType] = {
    "currency": pl.String(),
    "policy": pl.String(),
    "changes": pl.Int64(),
    "unscored": pl.Int64(),  # changes whose effect no report can show
    **dict.fromkeys(_NUMBERS, pl.Float64()),
    # after the changes, in campaigns that the past knows: what came, and the promised 80 % interval
    **dict.fromkeys(_PROMISES, pl.Float64()),
    "acos_held": pl.Boolean(),
    "spend_held": pl.Boolean(),
}
STEPS: dict[str, pl.DataType] = {
    "currency": pl.String(),
    "policy": pl.String(),
    **dict.fromkeys(("campaign", "ad_group", "operation", "entity", "text"), pl.String()),
    "match_type": pl.String(),
    # on the past, which decides the order: as it was, for admatch as its model takes it
    **dict.fromkeys(("bid_before", "bid", "past_saved", "past_lost"), pl.Float64()),
    "scored": pl.Boolean(),
    **dict.fromkeys(("saved", "lost", "lost_orders"), pl.Float64()),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What decides and what judges in one currency, and what a sale is worth.

    ``expected`` is the past as admatch's model takes it. ``days`` are the lengths of the past and
    of the future.
    """

    currency: str | None
    past: Traffic
    expected: Traffic
    future: Traffic
    exact: Mapping[str, set[tuple[str, str]]]
    days: tuple[int, int]
    worth: float
    rho: float

    def rules(self, changes: ChangeSet) -> Rules:
        """Return the rules that changes are scored by; their new exact keywords run, too."""
        exact = {stems: set(homes) for stems, homes in self.exact.items()}
        for one in changes:
            new = one.operation is Operation.CREATE and one.entity is Entity.KEYWORD
            if new and one.match_type is MatchType.EXACT:
                home = (one.place.campaign, one.place.ad_group or "")
                exact.setdefault(str(fold(pl.Series([one.text]))[0]), set()).add(home)
        return Rules(exact, self.rho)


@dataclass(frozen=True)
class _Scored:
    """The changes of a policy in the order in which they are made, and what they do."""

    steps: pl.DataFrame
    path: Path
    gain_low: float
    gain_high: float

    def total(self, name: str) -> float:
        """Return the sum of a column of ``STEPS``."""
        return float(self.steps[name].sum())


def lines_of(
    scene: Scene, policies: Mapping[str, ChangeSet], promised: BeforeAfter | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return a line a policy (``LINES``), and one for each of its changes (``STEPS``)."""
    scored = {name: _score(scene, name, changes) for name, changes in policies.items()}
    own = scored[ADMATCH].path
    lines = [_line(scene, name, one, own) for name, one in scored.items()]
    if promised is not None:
        promises = {ADMATCH: promised.after, NOTHING: promised.before}
        for line in lines:
            if line["policy"] in promises:
                line |= _kept(scene, scored[line["policy"]], promises[line["policy"]])
    cells = [[line.get(name) for name in LINES] for line in lines]
    table = pl.DataFrame(cells, schema=LINES, orient="row")
    return table, pl.concat([one.steps for one in scored.values()])


def _score(scene: Scene, name: str, policy: ChangeSet) -> _Scored:
    rules = scene.rules(policy)
    past = effects(scene.expected if name == ADMATCH else scene.past, policy.changes, rules)
    named = _named(scene.currency, name, policy.changes).with_columns(
        past_saved=past["saved"], past_lost=past["lost"]
    )
    steps = ordered(named.with_row_index("number"))
    changes = [policy.changes[number] for number in steps["number"]]
    future = effects(scene.future, changes, rules)
    steps = pl.concat([steps, future], how="horizontal").select(*STEPS)
    low, high = (
        _gain(effects(scene.future, changes, replace(rules, elasticity=one)), scene.worth)
        for one in (LOW, HIGH)
    )
    return _Scored(steps, Path.of(steps), low, high)


def _named(currency: str | None, policy: str, changes: Sequence[Change]) -> pl.DataFrame:
    rows = [
        (
            currency, policy, change.place.campaign, change.place.ad_group,
            change.operation.value, change.entity.value, change.text,
            change.match_type and change.match_type.value, change.before, change.bid,
        )
        for change in changes
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=dict(list(STEPS.items())[:10]), orient="row")


def _gain(effect: pl.DataFrame, worth: float) -> float:
    return float(effect["saved"].sum()) - worth * float(effect["lost"].sum())


def _line(scene: Scene, name: str, one: _Scored, own: Path) -> dict[str, Any]:
    return {
        "currency": scene.currency,
        "policy": name,
        "changes": one.steps.height,
        "unscored": one.steps.height - int(one.steps["scored"].sum()),
        **{of: scene.future.total(of) for of in ("spend", "sales", "orders")},
        **{of: one.total(of) for of in ("saved", "lost", "lost_orders")},
        "gain": _gain(one.steps, scene.worth),
        "gain_low": one.gain_low,
        "gain_high": one.gain_high,
        **at_equal_loss(one.path, own, scene.worth),
    }


def _kept(scene: Scene, one: _Scored, promised: Figures) -> dict[str, Any]:
    """Return what came beside what was promised, in campaigns that the past knows.

    A promise is for a period as long as the past: its spend is scaled to the future's days.
    """
    known = scene.future.rows.filter(
        pl.col("campaign").is_in(scene.past.rows["campaign"].unique().implode())
    )
    spend = float(known["spend"].sum()) - one.total("saved")
    sales = float(known["sales"].sum()) - one.total("lost")
    acos = spend / sales if sales > 0 else (float("inf") if spend > 0 else 0.0)
    scale = scene.days[1] / scene.days[0]
    low, high = promised.spend.low80 * scale, promised.spend.high80 * scale
    made: dict[str, Any] = {
        "acos": acos,
        "spend_after": spend,
        "spend_expected": promised.spend.mean * scale,
        "spend_low": low,
        "spend_high": high,
        "spend_held": low <= spend <= high,
    }
    interval: Interval | None = promised.acos
    if interval is not None:
        made |= {
            "acos_expected": interval.mean,
            "acos_low": interval.low80,
            "acos_high": interval.high80,
            "acos_held": interval.low80 <= acos <= interval.high80,
        }
    return made


def summed_up(frame: pl.DataFrame, steps: pl.DataFrame, worth: float) -> pl.DataFrame:
    """Return the lines of several cuts added up, one a currency and policy, with shares.

    At equal sales lost, the changes of all cuts are one set: a single order weighs less.
    ``acos_held`` and ``spend_held`` are the share of cuts whose interval held.
    """
    sums = frame.group_by("currency", "policy", maintain_order=True).agg(
        pl.len().alias("cuts"),
        pl.col("changes", "unscored", *_NUMBERS).sum(),
        pl.col("acos_held", "spend_held").mean(),
    )
    spend, sales, lost = pl.col("spend"), pl.col("sales"), pl.col("lost")
    left = sales - lost
    shares = sums.with_columns(_pooled(sums, steps, worth).get_columns()).with_columns(
        saved_share=pl.when(spend > 0).then(pl.col("saved") / spend),
        lost_share=pl.when(sales > 0).then(lost / sales),
        acos_before=pl.when(sales > 0).then(spend / sales),
        acos_after=pl.when(left > 0).then((spend - pl.col("saved")) / left),
    )
    order = pl.col("policy").cast(pl.Enum(POLICIES))
    return shares.sort("currency", order, nulls_last=True, maintain_order=True)


def _pooled(sums: pl.DataFrame, steps: pl.DataFrame, worth: float) -> pl.DataFrame:
    """Return the figures at equal sales lost of each line, from the changes of all cuts."""
    own = {
        currency: Path.of(steps_of(steps, currency, ADMATCH))
        for currency in sums["currency"].unique()
    }
    figures = [
        at_equal_loss(Path.of(steps_of(steps, currency, policy)), own[currency], worth)
        for currency, policy in sums.select("currency", "policy").iter_rows()
    ]
    return pl.DataFrame(figures, schema=dict.fromkeys(_EQUAL, pl.Float64()))


def steps_of(steps: pl.DataFrame, currency: str | None, policy: str) -> pl.DataFrame:
    """Return the changes of a policy in a currency."""
    own = pl.col("currency").eq_missing(pl.lit(currency, pl.String))
    return steps.filter(own & (pl.col("policy") == policy))
