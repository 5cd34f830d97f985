// How long data are kept, what may be uploaded, signing out, and deleting everything.
import { change, get, remove, session } from "./api.js";
import { $, el, put } from "./dom.js";
import { bytes, count } from "./format.js";
import { ask, busy, fail, say } from "./say.js";
import { t } from "./words.js";

async function open() {
  const [{ limits }, account] = await Promise.all([session(), get("/account")]);
  const days = $("#days");
  if (account.keep_days && ![...days.options].some((one) => Number(one.value) === account.keep_days)) {
    days.append(el("option", { value: account.keep_days }, t("settings.keep.after", { n: account.keep_days })));
  }
  days.value = account.keep_days ?? "";
  const lines = [["file", bytes(limits.file)], ["files", count(limits.files)], ["unpacked", bytes(limits.unpacked)], ["rows", count(limits.rows)], ["picture", bytes(limits.picture)]];
  put($("#limits"), lines.map(([name, value]) => el("div", {}, el("dt", {}, t(`settings.limit.${name}`)), el("dd", {}, value))));
}

$("#keep").addEventListener("submit", (event) => {
  event.preventDefault();
  busy($("button", event.currentTarget), async () => {
    await change("/account", { keep_days: Number($("#days").value) || null });
    say(t("settings.keep.saved"), "good");
  });
});

$("#delete").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  if (!(await ask(t("settings.delete.ask"), t("settings.delete.warn"), t("settings.delete.button")))) return;
  busy(button, async () => {
    await remove("/account/data");
    say(t("settings.delete.done"), "good");
  });
});

$("#leave")?.addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    await remove("/session");
    location.assign("/login");
  }),
);

open().catch(fail);
