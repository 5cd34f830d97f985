// The bar that accepts or rejects many decisions at once.
import { $, el, put } from "./dom.js";
import { count } from "./format.js";
import { ask } from "./say.js";
import { t } from "./words.js";

const VERDICTS = ["accepted", "rejected", "undecided"];

export function bulk(table) {
  const parent = $("#bulk");
  const { selected, found } = table;
  const n = selected.size;
  parent.hidden = !found.total;
  const all = !n;
  const note = el("input", { type: "text", maxlength: 2000, "aria-label": t("decisions.note"), placeholder: t("decisions.note") });
  const give = async (verdict) => {
    const many = all ? found.total : n;
    if (all && !(await ask(t(`decisions.ask.${verdict}`), t("decisions.ask.text", { n: many, count: count(many) }), t(`verdict.do.${verdict}`)))) return;
    const body = all ? { filter: table.filter } : { decisions: [...selected] };
    await table.judge({ ...body, verdict, note: note.value.trim() || null });
  };
  put(parent,
    el("span", { class: "strong" }, all ? t("decisions.all_found", { n: found.total, count: count(found.total) }) : t("decisions.selected", { n, count: count(n) })),
    VERDICTS.map((verdict) => el("button", { type: "button", class: "button small", onclick: () => give(verdict) }, t(`verdict.do.${verdict}`))),
    note);
}
