// Semantic IDs as steps from coarse to fine: how many levels term and product share.
import { el } from "./dom.js";
import { t } from "./words.js";

export function paths(row) {
  const [term, product] = [row.term_id, row.product_semantic_id].map((id) => (id ?? "").split("·").filter(Boolean));
  let same = 0; // the first code, the modality, is assigned: sharing it means nothing
  while (same + 1 < Math.min(term.length, product.length) && term[same + 1] === product[same + 1]) same += 1;
  const levels = Math.max(term.length, product.length) - 1;
  const line = (label, codes) => el("tr", {}, el("th", { scope: "row" }, label), codes.map((code, at) => el("td", {}, el("code", { class: at > 0 && at <= same ? "same" : "" }, code))));
  const heads = Array.from({ length: Math.max(term.length, product.length) }, (_, at) => el("th", { scope: "col" }, at ? t("detail.level", { n: at }) : t("detail.modality")));
  const said = !term.length || !product.length ? "" : same ? t("detail.same_levels", { n: same, levels }) : t("detail.no_levels");
  return [
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("detail.path") },
      el("table", { class: "path" }, el("thead", {}, el("tr", {}, el("td", {}), heads)), el("tbody", {}, term.length ? line(t("detail.term_path"), term) : null, product.length ? line(t("detail.product_path"), product) : null))),
    el("p", { class: "hint" }, said),
  ];
}
