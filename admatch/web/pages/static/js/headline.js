// The result of a run in six figures.
import { el } from "./dom.js";
import { count, money, percent, points } from "./format.js";
import { glossed } from "./gloss.js";
import { gap, t } from "./words.js";

// How sure the change of ACOS is.
export function difference({ difference: ranges, expected }) {
  if (!expected.changes) return t("chart.ranges.same");
  const change = ranges?.acos;
  if (!change || change.mean === null) return t("chart.ranges.hint");
  return `${t("chart.ranges.difference", { mean: points(change.mean), low: points(change.low80, true), high: points(change.high80, true) })}${gap}${t("chart.ranges.hint")}`;
}

export function figures({ seen, wasted, wasted_share: share, after, expected, currency }) {
  const acos = after?.acos;
  const range = acos && acos.low80 !== null && acos.high80 !== null ? t("results.range", { low: percent(acos.low80), high: percent(acos.high80) }) : "";
  return [
    figure("measure.spend", money(seen.spend, currency, true), t("results.of_clicks", { n: seen.clicks, count: count(seen.clicks) })),
    figure("measure.sales", money(seen.sales, currency, true), t("results.of_orders", { n: seen.orders, count: count(seen.orders) })),
    figure("measure.acos", percent(seen.acos), t("results.in_report")),
    figure("measure.wasted", money(wasted, currency, true), share === null ? "" : t("results.of_spend", { share: percent(share, 0) }), wasted > 0 && "bad"),
    figure("measure.acos_after", percent(expected.acos_after), expected.acos_after === null ? "" : range, expected.changes && "good"),
    gained(expected, currency),
  ];
}

// Profit where margins are known; else the contribution at the target, which is another thing.
function gained({ profit_gain: profit, contribution_gain: contribution }, currency) {
  const name = profit === null ? "contribution" : "profit";
  const amount = profit ?? contribution ?? null;
  return figure(`measure.${name}`, money(amount, currency, true), t("results.as_long"), amount > 0 && "good");
}

const figure = (label, value, more, kind = "") => el("div", { class: kind || null }, el("dt", {}, glossed(t(label), label.split(".")[1])), el("dd", {}, el("b", {}, value), el("small", {}, more)));
