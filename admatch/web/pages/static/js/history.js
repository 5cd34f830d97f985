// All runs and uploads of the account, each to be opened or deleted.
import { get, remove } from "./api.js";
import { $, el, put } from "./dom.js";
import { count, moment, money, percent, period } from "./format.js";
import { ask, busy, fail } from "./say.js";
import { message, t } from "./words.js";

const SHOWN = 100;

function delete_button(name, path, again, warning) {
  return el("button", { type: "button", class: "link danger", "aria-label": t("history.delete_named", { name }), onclick: (event) => {
    const button = event.currentTarget;
    ask(t("history.ask", { name }), t(warning), t("history.delete")).then((yes) => yes && busy(button, async () => {
      await remove(path);
      await again();
    }));
  } }, t("history.delete"));
}

function state(one) {
  return el("span", { class: `state ${one.state}` }, t(`state.${one.state}`));
}

// What a run came to, as its own page says it first.
function found_out({ changes, freed, acos_before: before, acos_after: after, waiting, currency }) {
  if (changes) return t(freed < 0 ? "history.result_spends" : "history.result", { n: changes, count: count(changes), freed: money(Math.abs(freed), currency, true), before: percent(before), after: percent(after) });
  return t(waiting ? "history.result_waiting" : "history.result_none", { n: waiting, count: count(waiting) });
}

// What Amazon made of an upload: once its report was dropped on the run's page.
function uploaded(run, { read, made, failed }) {
  const words = { n: failed, count: count(failed), made: count(made), read: moment(read) };
  return el("a", { class: `upload ${failed ? "bad" : "good"}`, href: `/runs/${run.id}#upload-results` }, t(failed ? "history.upload_failed" : "history.upload_fine", failed ? words : { ...words, n: made }));
}

async function runs() {
  const found = await get("/runs");
  put($("#runs"), found.length ? el("ul", { class: "entries" }, found.slice(0, SHOWN).map((run) => {
    const name = run.report.name ?? t("history.gone");
    return el("li", { class: "card" },
      el("div", { class: "main" },
        el("a", { class: "title", href: `/runs/${run.id}` }, name),
        el("small", {}, [run.catalog && (run.catalog.name ?? t("history.gone")), t("results.target", { value: percent(run.settings.target_acos, 0) }), run.period ? period(run.period) : null, moment(run.created)].filter(Boolean).join(" · ")),
        run.results.map((one) => el("small", { class: "strong" }, found_out(one))),
        run.uploads.map((one) => el("small", {}, uploaded(run, one))),
        run.reason && run.state === "failed" ? el("small", { class: "bad" }, message(run.reason)) : null),
      run.state === "running" && run.progress ? el("progress", { class: "meter", max: 1, value: run.progress.share, "aria-label": t("progress.share") }) : null,
      state(run),
      delete_button(name, `/runs/${run.id}/data`, runs, "history.ask_run"));
  })) : el("div", { class: "empty" }, el("p", {}, t("history.no_runs")), el("a", { class: "button primary", href: "/" }, t("nav.start"))));
  $("#runs").removeAttribute("aria-busy");
  if (found.some((run) => ["queued", "running"].includes(run.state))) setTimeout(() => runs().catch(fail), 2500);
}

async function uploads(kind) {
  const found = await get(`/${kind}`);
  const one = kind.slice(0, -1);
  put($(`#${kind}`), found.length ? el("ul", { class: "entries" }, found.slice(0, SHOWN).map((upload) => {
    const size = kind === "catalogs" ? upload.products : upload.rows;
    const size_label = size === null ? null : t(kind === "catalogs" ? "history.products" : "upload.rows", { n: size, count: count(size) });
    const ready = upload.state === "done";
    return el("li", { class: "card" },
      el("div", { class: "main" }, ready ? el("a", { class: "title", href: `/?${one}=${upload.id}` }, upload.name) : el("span", { class: "title" }, upload.name),
        el("small", {}, [size_label, moment(upload.created)].filter(Boolean).join(" · ")),
        upload.state === "failed" ? el("small", { class: "bad" }, message(upload.reason)) : null,
        ready && kind === "catalogs" ? el("small", {}, el("a", { href: `/search?catalog=${upload.id}` }, t("nav.search")), " · ", el("a", { href: `/catalogs/${upload.id}/audit` }, t("results.audit"))) : null),
      ready ? null : state(upload),
      delete_button(upload.name, `/${kind}/${upload.id}`, () => Promise.all([uploads(kind), runs()]), `history.ask_${one}`));
  })) : el("p", { class: "empty" }, t(`history.no_${kind}`)));
  $(`#${kind}`).removeAttribute("aria-busy");
}

Promise.all([runs(), uploads("catalogs"), uploads("reports")]).catch(fail);
