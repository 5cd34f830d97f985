// Short notices, and questions before something is deleted.
import { $, el } from "./dom.js";
import { t } from "./words.js";

const STAYS = 7000; // milliseconds; errors stay until they are closed
const TO_UNDO = 20_000;

export function say(text, kind = "", action = null) {
  const undo = action && el("button", { type: "button", class: "link", onclick: () => (toast.remove(), action.run()) }, action.label);
  const toast = el("div", { class: `toast ${kind}` }, el("p", {}, text), undo);
  const close = el("button", { type: "button", class: "close", "aria-label": t("close"), onclick: () => toast.remove() }, "×");
  toast.append(close);
  $("#toasts").append(toast);
  if (kind !== "bad") setTimeout(() => toast.remove(), action ? TO_UNDO : STAYS);
}

export const fail = (error) => error.name !== "AbortError" && say(error.message, "bad");

// Run the work of a button, which cannot be pressed again until it is done.
export async function busy(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return undefined;
  button.setAttribute("aria-disabled", "true");
  button.classList.add("busy");
  try {
    return await work();
  } catch (error) {
    fail(error);
    return undefined;
  } finally {
    button.removeAttribute("aria-disabled");
    button.classList.remove("busy");
  }
}

export function ask(title, text, yes) {
  const dialog = $("#ask");
  $("#ask-title").textContent = title;
  $("#ask-text").textContent = text;
  $("#ask-yes").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}
