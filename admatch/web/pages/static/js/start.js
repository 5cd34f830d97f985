// The first page: the example, the files, what they allow, the goal, and the run.
import { AccountFiles } from "./account_files.js";
import { get, post, session } from "./api.js";
import { $, $$, el, hidden, put } from "./dom.js";
import { decimal, parsed, region } from "./format.js";
import { Goals } from "./goals.js";
import { Layout } from "./layout.js";
import { busy, fail } from "./say.js";
import { ended, message, t } from "./words.js";

const LIMITS = { target: [0.1, 500], margin: [0.1, 100], risk: [0, 100], rho: [0, 100], most: [1, 1_000_000] };
const AT_RISK = { cautious: 0.5, balanced: 2, "target-first": 10 }; // per cent of sales, by preset
const asked = new URL(location.href).searchParams;
const goals = new Goals();
const layout = new Layout();
const files = new AccountFiles(changed);
let catalog = null; // products that were uploaded by themselves
let key = crypto.randomUUID?.() ?? String(Math.random());
let proposed = null; // the report and margin that a target was proposed for
let pointedOut = null; // what was said to be lacking
let ownTarget = false; // a target that was entered is left alone

$("#example").addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    const made = await post("/sample", { run: true });
    location.assign(`/runs/${made.run_id}`);
  }),
);

for (const option of $$("#marketplace option[data-region]")) {
  option.textContent = `${region(option.dataset.region)} (${option.dataset.region})`;
}

$("#preset").addEventListener("change", () => {
  $("#risk").value = AT_RISK[$("#preset").value];
  share("risk");
});
$("#goal").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("#run").getAttribute("aria-disabled") === "true") return;
  const settings = goal();
  if (settings && files.usable && !nudged()) busy($("#run"), () => run(settings));
});
$("#goal").addEventListener("input", (event) => {
  if (event.target.name in LIMITS) share(event.target.name);
  if (event.target.name === "target") ownTarget = true;
  if (event.target.name === "margin") propose().catch(fail);
});

// What a file for upload still needs is pointed out once; a second click goes on without it.
function nudged() {
  const open = lacking(files.upload);
  const name = Object.keys(open).find((one) => open[one]);
  const state = `${files.upload.id}/${name}`;
  if (!name || pointedOut === state) return false;
  pointedOut = state;
  $("#run-hint").textContent = t(`start.open.${name}`);
  $({ days: "#files .days input", currency: "#files .currency select", window: "#window", marketplace: "#marketplace" }[name]).focus();
  return true;
}

// Which of the things that a file for upload needs is neither in the files nor entered; nothing where no file can be written anyway.
function lacking(upload) {
  if (upload.state !== "done" || !upload.account?.ids) return {};
  return {
    days: !upload.period,
    currency: upload.totals.some((total) => !total.currency),
    window: !upload.window_days && !$("#window").value,
    marketplace: !upload.marketplace && !$("#marketplace").value,
  };
}

async function run(settings) {
  const body = { catalog_id: catalog?.id ?? null, report_id: files.upload.id, settings };
  const made = await post("/runs", body, { "Idempotency-Key": key });
  location.assign(`/runs/${made.id}`);
}

function goal() {
  const values = Object.fromEntries(Object.keys(LIMITS).map((name) => [name, share(name)]));
  const wrong = Object.keys(LIMITS).find((name) => values[name] === undefined);
  if (wrong) {
    $(`#${wrong}`).closest("details")?.setAttribute("open", "");
    $(`#${wrong}`).focus();
    return null;
  }
  const parts = goals.values;
  if (!parts) {
    goals.focusWrong();
    return null;
  }
  const settings = { target_acos: values.target / 100, rho: (values.rho ?? 0) / 100, preset: $("#preset").value, sales_at_risk: (values.risk ?? AT_RISK[$("#preset").value]) / 100, ...parts };
  if (values.margin !== null) settings.margin = values.margin / 100;
  if (values.most !== null) settings.most_changes = values.most;
  const words = $("#protect").value.split(/[\n,，;；]/).map((one) => one.trim()).filter(Boolean);
  if (words.length) settings.protect = words;
  if ($("#marketplace").value) settings.marketplace = $("#marketplace").value;
  if ($("#window").value) settings.window_days = Number($("#window").value);
  if (layout.value) settings.new_campaigns = layout.value;
  return settings;
}

// The settings of an earlier run, which a file that is added later does not change.
function take({ settings }) {
  const written = (value) => decimal(value * 100, Number.isInteger(Math.round(value * 1000) / 10) ? 0 : 1);
  $("#preset").value = settings.preset;
  const shares = { target: settings.target_acos, margin: settings.margin, rho: settings.rho, risk: settings.sales_at_risk ?? AT_RISK[settings.preset] / 100 };
  for (const [name, value] of Object.entries(shares)) $(`#${name}`).value = value === null ? "" : written(value);
  $("#most").value = settings.most_changes ?? "";
  $("#marketplace").value = settings.marketplace ?? "";
  $("#window").value = settings.window_days ?? "";
  $("#protect").value = settings.protect.join("\n");
  goals.take(settings);
  layout.take(settings.new_campaigns);
  ownTarget = true;
}

// The number of a field; null where it is empty, undefined where it is out of range.
function share(name) {
  const field = $(`#${name}`);
  const value = parsed(field.value);
  const [low, high] = LIMITS[name];
  const empty = !field.value.trim() && !field.required;
  const fits = empty || (value !== null && value >= low && value <= high && (name !== "most" || Number.isInteger(value)));
  $(`#${name}-error`).textContent = fits ? "" : t(name === "most" ? "start.goal.not_whole" : "start.goal.not_share", { low, high });
  field.setAttribute("aria-invalid", String(!fits));
  if (!fits) return undefined;
  return empty ? null : value;
}

function changed() {
  key = crypto.randomUUID?.() ?? String(Math.random());
  const address = new URL(location.href);
  for (const [name, one] of [["report", files.upload], ["catalog", catalog]]) {
    if (one) address.searchParams.set(name, one.id);
    else address.searchParams.delete(name);
  }
  history.replaceState(null, "", address);
  $("#run").setAttribute("aria-disabled", String(!files.usable));
  $("#run-hint").textContent = files.usable ? (files.reading ? t("start.reading_on") : "") : t("start.lacking");
  allows(files.upload);
  goals.of(files.upload?.state === "done" ? files.upload.id : null, catalog?.id ?? null);
  settings(files.upload);
  propose().catch(fail);
}

// What the files are enough for; what is missing says where to get it.
function allows(upload) {
  const read = upload?.state === "done" ? upload : null;
  const has = {
    decisions: Boolean(read?.rows),
    upload: Boolean(read?.account?.ids),
    matching: Boolean(read?.products || catalog),
    daily: read?.granularity === "daily",
    advertised: Boolean(read?.account?.advertised),
  };
  for (const [name, is] of Object.entries(has)) $(`#allows [data-part=${name}]`).className = is ? "yes" : "";
}

function settings(upload) {
  const several = upload?.totals?.length && !upload.marketplace;
  const auto = $("#marketplace option[value='']");
  auto.textContent = upload?.marketplace ? t("start.goal.marketplace_known", { name: region(upload.marketplace) }) : t("start.goal.marketplace_auto");
  $("#marketplace-hint").textContent = several ? t("start.goal.marketplace_needed") : t("start.goal.marketplace_hint");
  hidden($("#window-field"), !(upload?.rows && !upload.window_days));
}

// A target near today's ACOS, unless somebody has entered one.
async function propose() {
  if (files.upload?.state !== "done" || !files.upload.rows) {
    proposed = null;
    return put($("#target-why"), t("start.goal.proposed_later"));
  }
  const margin = share("margin");
  const wanted = `${files.upload.id}/${margin}`;
  if (margin === undefined || wanted === proposed) return undefined;
  proposed = wanted;
  const answer = await get(`/reports/${files.upload.id}/target${margin === null ? "" : `?margin=${margin / 100}`}`);
  if (wanted !== proposed) return undefined;
  const value = Math.round(answer.target_acos * 1000) / 10;
  if (!ownTarget) $("#target").value = decimal(value, Number.isInteger(value) ? 0 : 1);
  share("target");
  const take = el("button", { type: "button", class: "link", onclick: () => {
    $("#target").value = decimal(value, Number.isInteger(value) ? 0 : 1);
    ownTarget = false;
    share("target");
  } }, t("start.goal.take", { value: decimal(value, Number.isInteger(value) ? 0 : 1) }));
  return put($("#target-why"), `${ended(message(answer.why))} `, ownTarget ? take : null);
}

async function open() {
  await session();
  files.offer(await get("/reports"));
  if (asked.get("run")) await get(`/runs/${asked.get("run")}`).then(take, () => null);
  if (asked.get("catalog")) catalog = await get(`/catalogs/${asked.get("catalog")}`).catch(() => null);
  if (asked.get("report")) await files.take(asked.get("report")).catch(() => files.empty());
  changed();
}

open().catch(fail);
