// What Amazon said about an upload: which rows failed and why, what to upload again, how to undo.
import { get, upload } from "./api.js";
import { $, el, put } from "./dom.js";
import { count, moment } from "./format.js";
import { fail } from "./say.js";
import { message, t } from "./words.js";

export function uploadResults(id) {
  get(`/runs/${id}/upload-results`).then(([last]) => {
    if (!last || $("#upload-results").childElementCount) return;
    show(last);
    if (location.hash === "#upload-results") reveal();
  }).catch(fail);
  const input = $("#results-input");
  input.addEventListener("change", async () => {
    if (!input.files.length) return;
    const form = new FormData();
    form.append("file", input.files[0]);
    input.value = "";
    put($("#upload-results"), el("p", { class: "reading" }, el("span", { class: "spin", "aria-hidden": "true" }), t("upload.reading")));
    try {
      show(await upload(`/runs/${id}/upload-results`, form, () => {}));
    } catch (error) {
      put($("#upload-results"), el("p", { class: "notice bad", role: "alert" }, error.message));
      if (!error.status) fail(error);
    }
  });
}

// What is linked to from the history may lie in a folded part of the page.
function reveal() {
  const shown = $("#upload-results");
  for (let part = shown.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  shown.scrollIntoView();
}

function show({ name, read, made, failed, mended, undo }) {
  const said = failed.length ? t("downloads.results.failed", { n: failed.length, count: count(failed.length), made: count(made) }) : t("downloads.results.fine", { n: made, count: count(made) });
  const heads = ["row", "change", "why", "next"].map((name) => el("th", { scope: "col" }, t(`downloads.results.${name}`)));
  const rows = failed.map((one) => el("tr", {}, el("td", { class: "number" }, count(one.row)), el("td", {}, one.text, el("small", {}, message(one.place))), el("td", { lang: "en" }, one.why), el("td", {}, message(one.remedy))));
  put($("#upload-results"),
    el("p", { class: failed.length ? "notice bad" : "notice good" }, said, " ", el("small", {}, t("downloads.results.of", { name, read: moment(read) }))),
    failed.length ? el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("downloads.results.title") }, el("table", { class: "plain stacked" }, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, rows))) : null,
    el("ul", { class: "downloads" },
      mended ? el("li", {}, el("a", { href: mended, download: true }, t("downloads.results.mended")), el("small", {}, t("downloads.results.mended_text"))) : null,
      el("li", {}, el("a", { href: undo, download: true }, t("downloads.results.undo")), el("small", {}, t("downloads.results.undo_text")))));
}
