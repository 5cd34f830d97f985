// The files of a run: the one for Amazon, made of what is accepted now, and those to read.
import { get } from "./api.js";
import { $, $$, el, hidden, put } from "./dom.js";
import { count, region } from "./format.js";
import { busy } from "./say.js";
import { uploadResults } from "./upload_results.js";
import { language, message, t } from "./words.js";

const FOR_AMAZON = ["changes.xlsx", "changes.inverse.xlsx", "changes.manifest.json"];
const LATER = ["negatives_later.xlsx", "negatives_later.inverse.xlsx"]; // where the file makes campaigns
const FOR_PEOPLE = ["decisions.xlsx", "decisions.csv"];

export function downloads(id, results, table) {
  for (const option of $$("#market option[value]:not([value=''])")) option.textContent = `${region(option.value)} (${option.value})`;
  if (results.marketplace) $("#market option[value='']").textContent = t("start.goal.marketplace_known", { name: region(results.marketplace) });
  const readable = results.downloads.filter((one) => !FOR_AMAZON.includes(one.name));
  const people = readable.filter((one) => FOR_PEOPLE.includes(one.name)).map((one) => ({ ...one, url: `${one.url}?language=${language.slice(0, 2)}` }));
  put($("#offered"), people.map(link), el("li", {}, el("details", {}, el("summary", {}, t("downloads.more")), el("ul", { class: "downloads" }, readable.filter((one) => !FOR_PEOPLE.includes(one.name)).map(link)))));
  const blocked = results.downloads.find((one) => one.name === FOR_AMAZON[0] && !one.available);
  hidden($("#how-to-upload"), Boolean(blocked));
  if (blocked) {
    hidden($("#prepare-row"), true);
    put($("#prepared"), el("p", { class: "notice" }, message(blocked.reason)));
    return;
  }
  uploadResults(id);
  $("#prepare").addEventListener("click", (event) => busy(event.currentTarget, () => prepare(id)));
  $("#prepare").disabled = false; // a click before this would have done nothing
  $("#market").addEventListener("change", () => put($("#prepared")));
  table.listeners.push(() => put($("#prepared"))); // verdicts may have changed: the file is made anew
}

async function prepare(id) {
  const market = $("#market").value;
  const asked = market ? `?marketplace=${market}` : "";
  let made;
  try {
    made = await get(`/runs/${id}/changes${asked}`);
  } catch (error) {
    put($("#prepared"), el("p", { class: "notice bad", role: "alert" }, error.message));
    return;
  }
  const refused = made.refused.length
    ? el("details", { class: "problems" }, el("summary", {}, t("downloads.refused", { n: made.refused.length, count: count(made.refused.length) })), el("ul", { class: "cautions" }, made.refused.map((one) => el("li", {}, message(one)))))
    : null;
  const files = made.written ? el("ul", { class: "downloads" }, [...FOR_AMAZON, ...(made.later ? LATER : [])].map((name) => link({ name, url: `/api/v1/runs/${id}/downloads/${name}${asked}` }))) : null;
  put($("#prepared"), el("p", { class: made.written ? "notice good" : "notice" }, t(made.written ? "downloads.written" : "downloads.nothing", { n: made.written, count: count(made.written), market: region(made.marketplace) })), refused, files);
}

// The server names the file: account, marketplace, days, and when it was made.
function link({ name, url }) {
  return el("li", {}, el("a", { href: url, download: true }, t(`file.name.${name.replaceAll(".", "_")}`)), el("small", {}, t(`file.${name.replaceAll(".", "_")}`)));
}
