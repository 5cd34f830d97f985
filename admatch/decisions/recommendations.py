"""Decisions for every term of a report: ``Recommendations``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from admatch.catalog.records import Catalog
from admatch.decisions.actions import CHANGING, Action
from admatch.decisions.guard_rails import Preset, preset_name
from admatch.decisions.propose import changes_of, later_negatives
from admatch.decisions.refusals import joined
from admatch.display.money import money, percent, signed_money
from admatch.display.notebook import SHOWN, notebook_html
from admatch.impact.changes import ChangeSet
from admatch.messages import Message, from_json, say

_CENT = 0.005  # less is no amount
_REASONS = 3  # why changes cannot be written, in one sentence

# What stands beside each decision, in this order.
COLUMNS = (
    *("currency", "campaign", "ad_group", "targeting", "match_type", "search_term", "term_kind"),
    *("action", "chosen", "reason", "warning"),
    *("impressions", "clicks", "spend", "orders", "sales", "sales_promoted", "sales_halo"),
    *("first_date", "last_date", "days", "maturity"),
    *("probability", "product_id", "title", "product_probability"),
    *("runner_up_product_id", "runner_up_title", "runner_up_margin"),
    *("prior_cvr", "strength", "cvr", "cvr_low", "cvr_high", "order_value", "cpc"),
    *("break_even_cvr", "chance", "clicks_needed"),
    *("acos_before", "acos_before_low", "acos_before_high"),
    *("acos_after", "acos_after_low", "acos_after_high"),
    *("spend_freed", "spent_again", "sales_at_risk", "sales_at_risk_high", "gain", "rho"),
    *("target_acos", "margin"),
    *("phrase", "bid", "new_bid", "keyword_bid", "setting", "new_setting"),
    *("to_campaign", "to_ad_group"),
    *("other_ad_groups", "blast_radius", "conflicts"),
)


@dataclass(frozen=True)
class Recommendations:
    """One decision a row, with its evidence, and the set of changes that pays best.

    ``frame`` has the columns of ``COLUMNS``; amounts are in each row's currency, and expected ones
    are of a period as long as the report's. ``chosen`` marks the rows of the best set. ``frontier``
    has a line for every step of ACOS against sales kept, ``totals`` one a currency: spend, sales
    and ACOS expected without changes and with the chosen ones, the target as a whole, and whether
    it is reached. ``gain`` counts sales at the row's ``margin``, which makes it profit, or at its
    ``target_acos`` where the margin is unknown, which makes it the contribution at the target;
    ``totals`` add up the two apart. A line about a whole campaign has its ``setting`` and the new
    one: the percentage that a placement adds to bids, or the daily budget. ``warnings`` belong
    wherever the decisions are shown; ``refusals`` say why nothing may be written for upload.
    ``settings`` go into the manifest. ``rows`` hold everything that changes are made of, with each
    reason and warning as JSON (``messages.as_json``) in ``reason_message`` and ``warning_message``.
    """

    frame: pl.DataFrame
    frontier: pl.DataFrame
    totals: pl.DataFrame
    target_acos: float
    margin: float | None
    rho: float
    warnings: tuple[Message | str, ...]  # a text without identifier: of a model saved long ago
    refusals: tuple[Message, ...]
    settings: Mapping[str, str | float | int | None]
    rows: pl.DataFrame = field(repr=False)
    catalog: Catalog | None = field(default=None, compare=False)  # for its pictures

    def __len__(self) -> int:
        return self.frame.height

    def changes(self, *actions: Action, currency: str | None = None) -> ChangeSet:
        """Return the changes of these actions, or of all actions where none is named.

        All are inside the caps of guard-rail 5. Where there are refusals, the set can be evaluated
        (``what_if``) but not written for upload.
        """
        rows = self.rows
        if actions:
            rows = rows.filter(pl.col("action").is_in([Action(one).value for one in actions]))
        return self._changes(rows, currency)

    def best(self, currency: str | None = None) -> ChangeSet:
        """Return the chosen set: most expected profit within the target and the caps."""
        return self._changes(self.rows.filter(pl.col("chosen")), currency)

    def negatives_for_later(self, currency: str | None = None) -> ChangeSet:
        """Return the negatives of chosen terms that get a new ad group, where they sold until now.

        They are to be made only once the new keywords are live: until then nothing else serves the
        terms. No total counts them.
        """
        rows = _in_currency(self.rows.filter("chosen"), currency)
        return replace(later_negatives(rows), withheld=joined(self.refusals))

    @property
    def counts(self) -> dict[Action, int]:
        """How many rows have each action, including actions that no row has."""
        counts = dict(self.frame["action"].value_counts().iter_rows())
        return {action: counts.get(action.value, 0) for action in Action}

    def __repr__(self) -> str:
        return "\n".join(self._lines)

    def _repr_html_(self) -> str:
        changing = self.frame.filter(pl.col("action").is_in(list(CHANGING)))
        first = changing.sort("chosen", "gain", "spend", descending=True, nulls_last=True)
        return notebook_html(
            "recommendations",
            summary=self._lines,
            advice=self,
            rows=first.head(SHOWN).to_dicts(),
            further=changing.height - SHOWN,
        )

    @property
    def _lines(self) -> list[Message]:
        """What is decided, in a line, and what the chosen changes do, in one a currency."""
        counts = ", ".join(f"{count:,} {action}" for action, count in self.counts.items() if count)
        if not counts:
            return [say("decisions.summary.none")]
        decided = say("decisions.summary.counts", n=len(self), counts=counts)
        lines = [decided]
        for total in self.totals.to_dicts():
            lines += [self._chosen(total), *self.risks(total), *self.left_out(total)]
        return lines

    def risks(self, total: Mapping[str, Any]) -> list[Message]:
        """Return what the chosen set puts at risk, and the set nearest to the target.

        For a line of ``totals``; the preset is named.
        """
        code, target = total["currency"], percent(total["target_acos"])
        at_risk, most = (money(total[name], code) for name in ("profit_at_risk", "most_at_risk"))
        preset = preset_name(Preset(total["preset"]))
        said = [say("decisions.risk.chosen", preset=preset, at_risk=at_risk, most=most)]
        nearest = say(
            "decisions.risk.nearest",
            n=total["nearest_changes"],
            acos=percent(total["nearest_acos"]),
            at_risk=money(total["nearest_at_risk"], code),
            lost=money(max(total["nearest_sales_lost"], 0.0), code),
        )
        if total["reached"]:
            return [*said, nearest]
        missed = say("decisions.risk.missed", preset=preset, target=target, nearest=nearest)
        return [*said, missed]

    def left_out(self, total: Mapping[str, Any]) -> list[Message]:
        """Return which changes would pay but cannot be written, and why, for a line of ``totals``.

        It is one sentence, or none where everything that pays can be written.
        """
        count, freed = total["unwritable"], total["unwritable_freed"]
        why = joined(self._reasons_against(total["currency"])) if count else None
        if why is None:
            return []
        amount = money(abs(freed), total["currency"])
        if freed < 0:
            return [say("decisions.summary.left_out_spending", n=count, amount=amount, why=why)]
        return [say("decisions.summary.left_out", n=count, amount=amount, why=why)]

    def remarks(self, total: Mapping[str, Any]) -> list[Message]:
        """Return what is spent again and what the chosen set gains, for a line of ``totals``.

        It is profit where margins are known, and the contribution at the target elsewhere.
        """
        said, code = list[Message](), total["currency"]
        again = total["spent_again"]
        if again > _CENT:
            freed = total["spend_before"] - total["spend_after"] + again
            said.append(
                say(
                    "decisions.gain.spent_again", freed=money(freed, code), again=money(again, code)
                )
            )
        profit, contribution = total["profit_gain"], total["contribution_gain"]
        if profit is not None:
            said.append(say("decisions.gain.profit", amount=signed_money(profit, code)))
        if contribution is not None:
            amount = signed_money(contribution, code)
            if profit is None:
                said.append(say("decisions.gain.contribution", amount=amount))
            else:
                said.append(say("decisions.gain.contribution_of_others", amount=amount))
        return said

    def _reasons_against(self, currency: str | None) -> tuple[Message, ...]:
        """Return the distinct reasons of the changes that cannot be written, the first few."""
        own = pl.col("currency").eq_missing(pl.lit(currency, pl.String))
        changing = pl.col("action").is_in([one.value for one in CHANGING])
        rows = self.rows.filter(own & changing & pl.col("unwritable"))
        reasons = rows["warning_message"].drop_nulls().unique(maintain_order=True).head(_REASONS)
        said = (from_json(json.loads(one)) for one in reasons)
        return tuple(one for one in said if isinstance(one, Message))

    def _chosen(self, total: Mapping[str, Any]) -> Message:
        currency = total["currency"]
        return say(
            "decisions.summary.chosen",
            n=total["changes"],
            acos_before=percent(total["acos_before"]),
            acos_after=percent(total["acos_after"]),
            target=percent(total["target_acos"]),
            spend_before=money(total["spend_before"], currency),
            spend_after=money(total["spend_after"], currency),
        )

    def _changes(self, rows: pl.DataFrame, currency: str | None) -> ChangeSet:
        rows = _in_currency(rows, currency)
        return replace(changes_of(rows), withheld=joined(self.refusals))


def _in_currency(rows: pl.DataFrame, currency: str | None) -> pl.DataFrame:
    """Return the rows of a currency; those of a report that names none are in it."""
    if currency is None:
        return rows
    return rows.filter(pl.col("currency").is_null() | (pl.col("currency") == currency))
