// A word of the trade, explained on hover and on focus.
import { el } from "./dom.js";
import { t } from "./words.js";

let made = 0;

// The label with its explanation, where there is one.
export function glossed(label, name) {
  const text = t(`gloss.${name}`);
  if (text === `gloss.${name}`) return label;
  const id = `gloss-${(made += 1)}`;
  const button = el("button", { type: "button", "aria-describedby": id }, label);
  const box = el("span", { class: "gloss" }, button, el("span", { role: "tooltip", id }, text));
  box.addEventListener("keydown", (event) => event.key === "Escape" && button.blur());
  return box;
}
