// The files of a run: the one for Amazon, made of what is accepted now, and those to read.
import { get } from "./api.js";
import { $, $$, el, hidden, put } from "./dom.js";
import { count, region } from "./format.js";
import { busy } from "./say.js";
import { message, t } from "./words.js";

const FOR_AMAZON = ["changes.xlsx", "changes.inverse.xlsx", "changes.manifest.json"];

export function downloads(id, results, table) {
  for (const option of $$("#market option[value]:not([value=''])")) option.textContent = `${region(option.value)} (${option.value})`;
  put($("#offered"), results.downloads.filter((one) => !FOR_AMAZON.includes(one.name)).map(link));
  const blocked = results.downloads.find((one) => one.name === FOR_AMAZON[0] && !one.available);
  if (blocked) {
    hidden($("#prepare-row"), true);
    put($("#prepared"), el("p", { class: "notice" }, message(blocked.reason)));
    return;
  }
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
  const files = made.written ? el("ul", { class: "downloads" }, FOR_AMAZON.map((name) => link({ name, url: `/api/v1/runs/${id}/downloads/${name}${asked}` }))) : null;
  put($("#prepared"), el("p", { class: made.written ? "notice good" : "notice" }, t(made.written ? "downloads.written" : "downloads.nothing", { n: made.written, count: count(made.written), market: region(made.marketplace) })), refused, files);
}

function link({ name, url }) {
  return el("li", {}, el("a", { href: url, download: name }, name), el("small", {}, t(`file.${name.replaceAll(".", "_")}`)));
}
