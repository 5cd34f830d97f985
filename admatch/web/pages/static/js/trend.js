// Spend and sales by day, where the report has days.
import { get } from "./api.js";
import { drawn, table, ticks } from "./chart.js";
import { $, hidden, svg } from "./dom.js";
import { count, day, money } from "./format.js";
import { t } from "./words.js";

const [LEFT, BOTTOM, HIGH] = [56, 26, 190];

export async function trend(run, filter, currency) {
  const asked = Object.fromEntries(["campaign", "ad_group", "currency"].filter((name) => filter[name]).map((name) => [name, filter[name]]));
  const days = await get(`/runs/${run}/days?${new URLSearchParams(asked)}`);
  hidden($("#trend-figure"), !days.length);
  if (!days.length) return;
  const heads = ["day", "spend", "sales", "clicks", "orders"].map((name) => t(`chart.trend.${name}`));
  const rows = days.map((one) => [day(one.day), money(one.spend, currency), money(one.sales, currency), count(one.clicks), count(one.orders)]);
  drawn($("#trend"), (wide) => picture(wide, days, currency), table(heads, rows));
}

function picture(wide, days, currency) {
  const most = Math.max(...days.map((one) => Math.max(one.spend ?? 0, one.sales ?? 0)), 1);
  const x = (at) => LEFT + (at / Math.max(1, days.length - 1)) * (wide - LEFT - 10);
  const y = (value) => HIGH - BOTTOM - (value / most) * (HIGH - BOTTOM - 12);
  const line = (field, kind) => svg("polyline", { class: `way ${kind}`, points: days.map((one, at) => `${x(at).toFixed(1)},${y(one[field] ?? 0).toFixed(1)}`).join(" ") });
  const grid = ticks(0, most, 3).flatMap((value) => [
    svg("line", { x1: LEFT, x2: wide - 10, y1: y(value), y2: y(value), class: "grid" }),
    svg("text", { x: LEFT - 8, y: y(value) + 4, "text-anchor": "end", class: "soft" }, money(value, currency, true))]);
  const ends = [[0, "start"], [days.length - 1, "end"]].map(([at, anchor]) => svg("text", { x: x(at), y: HIGH - 6, "text-anchor": anchor, class: "soft" }, day(days[at].day)));
  return svg("svg", { class: "chart", width: wide, height: HIGH, viewBox: `0 0 ${wide} ${HIGH}`, role: "img", "aria-label": t("chart.trend.title") }, grid, ends, line("sales", "sold"), line("spend", "spent"));
}
