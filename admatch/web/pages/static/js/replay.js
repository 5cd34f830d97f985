// A check on the account's own past: decisions of past days, scored on the days that followed.
import { get, post } from "./api.js";
import { table } from "./chart.js";
import { $, el, hidden, put } from "./dom.js";
import { count, day, list, money, percent } from "./format.js";
import { busy } from "./say.js";
import { message, t } from "./words.js";

export async function replay(run, results) {
  const needed = results.replay_days;
  hidden($("#replay"), false);
  const days = results.period ? 1 + Math.round((Date.parse(results.period[1]) - Date.parse(results.period[0])) / 86_400_000) : 0;
  if (!needed || days < needed) {
    const how = `${t("start.source.daily.menu")}. ${t("start.source.daily.settings")}`;
    const why = needed ? t("replay.short", { days: count(days), needed: count(needed) }) : t("replay.not_daily");
    return put($("#replay-box"), el("p", { class: "hint" }, why), el("details", { class: "problems" }, el("summary", {}, t("start.allows.how", { file: t("start.source.daily.file") })), el("p", { class: "hint" }, how)));
  }
  const known = await get(`/runs/${run}/replay`);
  return known ? show(known) : offer(run);
}

function offer(run) {
  const wait = el("p", { class: "reading", role: "status" });
  const button = el("button", { type: "button", class: "button", onclick: () => busy(button, async () => {
    put(wait, el("span", { class: "spin", "aria-hidden": "true" }), t("replay.running"));
    try {
      show(await post(`/runs/${run}/replay`));
    } finally {
      put(wait);
    }
  }) }, t("replay.run"));
  put($("#replay-box"), button, wait);
}

function show({ days, until, lines, held, profit }) {
  const several = new Set(lines.map((one) => one.currency)).size > 1;
  const heads = ["policy", "changes", "saved", "lost", profit ? "profit" : "gain", "range", "equal", "acos"].map((name) => t(`replay.column.${name}`));
  const rows = lines.map((one) => {
    const amount = (value) => money(value, one.currency);
    const name = message(one.policy);
    return [several && one.currency ? `${name} (${one.currency})` : name, count(one.changes), percent(one.saved_share), percent(one.lost_share), amount(one.gain), `${amount(one.gain_low)} – ${amount(one.gain_high)}`, one.own ? "–" : t("replay.equal", { rule: amount(one.equal_gain), own: amount(one.admatch_gain) }), percent(one.acos_after)];
  });
  const said = held.map((one) => t("replay.held", { acos: percent(one.acos_held, 0), spend: percent(one.spend_held, 0), n: one.cuts, count: count(one.cuts) }));
  put($("#replay-box"),
    el("p", {}, t("replay.days", { days: list(days.map(day)), until: day(until) })),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("replay.title") }, table(heads, rows)),
    said.map((one) => el("p", { class: "hint" }, one)),
    el("p", { class: "hint" }, t("replay.hint")));
}
