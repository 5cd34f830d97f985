"""Campaigns whose spend, cost per click or conversion left their usual range."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from admatch.arrays import Floats
from admatch.decisions.alerts.records import Alert, AlertKind
from admatch.decisions.alerts.weeks import FEWEST, UNIT, WEEK
from admatch.display.money import money, percent
from admatch.messages import Message, say

# Deviations from usual weeks at which something is said. They were chosen so that a simulated
# account has less than one false alarm a month (``python -m tests.benchmarks.alerts``).
SURE = {AlertKind.SPEND: 3.5, AlertKind.CPC: 4.5}
# The chance of so few orders below which something is said, for the same reason.
CHANCE = 2e-3
# How large a change matters, as a ratio.
MATTERS = {AlertKind.SPEND: 1.6, AlertKind.CPC: 1.25, AlertKind.CONVERSION: 0.6}
_CLICKS = 40  # of a usual week; smaller campaigns move by chance
# How much the logarithms of weeks differ at least, and how many weeks that is worth.
_USUAL = {AlertKind.SPEND: 0.22, AlertKind.CPC: 0.06}
_WORTH = 4.0
_CONVERSION = 0.15  # deviation of a usual week's rate, as a share of it, beside chance
_RECENT = 4  # weeks that say what is usual now


def figure_alerts(weeks: pl.DataFrame, until: date) -> Iterator[Alert]:
    """Yield the alerts of the week that ended on ``until``, the whole account's first."""
    for (currency, campaign), own in weeks.group_by(UNIT, maintain_order=True):
        found = _Unit(str(currency) if currency else None, campaign, own, until)
        if found.enough:
            yield from found.alerts()


class _Unit:
    """A campaign, or all of a currency, by week."""

    def __init__(
        self, currency: str | None, campaign: object, own: pl.DataFrame, day: date
    ) -> None:
        self.currency, self.day = currency, day
        self.campaign = str(campaign) if campaign is not None else None
        number = int(own["week"].max() or 0) + 1  # type: ignore[arg-type]
        self.figures = {name: np.zeros(number) for name in ("clicks", "spend", "orders", "mature")}
        for name, values in self.figures.items():
            values[own["week"].to_numpy()] = own[name].to_numpy()

    @property
    def enough(self) -> bool:
        clicks = self.figures["clicks"]
        return len(clicks) > FEWEST and float(np.median(clicks[1:])) >= _CLICKS

    def alerts(self) -> Iterator[Alert]:
        spend, clicks = self.figures["spend"], self.figures["clicks"]
        with np.errstate(divide="ignore", invalid="ignore"):
            cost = np.where(clicks > 0, spend / np.maximum(clicks, 1), np.nan)
        yield from self._rise(AlertKind.SPEND, spend)
        yield from self._rise(AlertKind.CPC, cost)
        yield from self._fewer_orders()

    def _rise(self, kind: AlertKind, values: Floats) -> Iterator[Alert]:
        past, now = values[1:], float(values[0])
        past = past[np.isfinite(past) & (past > 0)]
        if len(past) < FEWEST or not now > 0:
            return
        logs = np.log(past)
        usual = float(np.mean(logs[:_RECENT]))
        spread = _spread(logs, _USUAL[kind])
        off = (np.log(now) - usual) / (spread * np.sqrt(1 + 1 / min(len(logs), _RECENT)))
        if off > SURE[kind] and now > MATTERS[kind] * np.exp(usual):
            yield self._alert(kind, float(np.exp(usual)), now)

    def _fewer_orders(self) -> Iterator[Alert]:
        """Yield an alert where one week, or two, have too few orders for their clicks."""
        mature, orders = self.figures["mature"], self.figures["orders"]
        for number in (1, 2):
            before, sold = float(mature[number:].sum()), float(orders[number:].sum())
            clicks, now = float(mature[:number].sum()), float(orders[:number].sum())
            if not before or not sold or clicks < 1:
                continue
            usual = min(sold / before, 0.99)
            rate = min(now / clicks, 1.0)
            if (
                rate < MATTERS[AlertKind.CONVERSION] * usual
                and _chance(now, clicks, usual) < CHANCE
            ):
                yield self._alert(AlertKind.CONVERSION, usual, rate, number)
                return

    def _alert(self, kind: AlertKind, was: float, now: float, weeks: int = 1) -> Alert:
        shown = self._shown(kind, was), self._shown(kind, now)
        message = _message(kind, self.campaign, *shown, days=WEEK * weeks)
        return Alert(kind, self.day, self.currency, self.campaign, None, None, was, now, message)

    def _shown(self, kind: AlertKind, value: float) -> str:
        return percent(value) if kind is AlertKind.CONVERSION else money(value, self.currency)


def _spread(logs: Floats, usual: float) -> float:
    """Return how much weeks differ: their deviation, drawn to the usual one."""
    steps = np.diff(logs)
    own = float((steps**2).sum() / 2)  # a step has twice the variance of a week
    return float(np.sqrt((own + _WORTH * usual**2) / (len(steps) + _WORTH)))


def _chance(orders: float, clicks: float, usual: float) -> float:
    """Return the chance of at most so many orders at a rate that varies about the usual one."""
    from scipy.stats import betabinom  # slow to load, and only nights look for alerts

    worth = (1 - usual) / (usual * _CONVERSION**2) - 1
    a, b = usual * worth, (1 - usual) * worth
    return float(betabinom.cdf(round(orders), max(round(clicks), round(orders)), a, b))


def _message(kind: AlertKind, campaign: str | None, was: str, now: str, days: int) -> Message:
    match kind, campaign:
        case AlertKind.SPEND, None:
            return say("decisions.alerts.spend", was=was, now=now)
        case AlertKind.SPEND, _:
            return say("decisions.alerts.spend_of", campaign=str(campaign), was=was, now=now)
        case AlertKind.CPC, None:
            return say("decisions.alerts.cpc", was=was, now=now)
        case AlertKind.CPC, _:
            return say("decisions.alerts.cpc_of", campaign=str(campaign), was=was, now=now)
        case _, None:
            return say("decisions.alerts.conversion", was=was, now=now, days=str(days))
        case _:
            return say(
                "decisions.alerts.conversion_of", campaign=str(campaign), was=was, now=now,
                days=str(days),
            )  # fmt: skip
