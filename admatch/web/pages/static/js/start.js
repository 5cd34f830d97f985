// The first page: the example, two uploads, the goal, and the run.
import { get, post, session } from "./api.js";
import { $, $$ } from "./dom.js";
import { parsed, region } from "./format.js";
import { busy, fail } from "./say.js";
import { Step } from "./upload_step.js";
import { t } from "./words.js";

const steps = {
  catalog: new Step("catalog", "/catalogs", changed),
  report: new Step("report", "/reports", changed),
};
const LIMITS = { target: [0.1, 500], margin: [0.1, 100], risk: [0, 100], rho: [0, 100], most: [1, 1_000_000] };
let key = crypto.randomUUID?.() ?? String(Math.random());

$("#example").addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    const made = await post("/sample", { run: true });
    location.assign(`/runs/${made.run_id}`);
  }),
);

for (const option of $$("#marketplace option[data-region]")) {
  option.textContent = `${region(option.dataset.region)} (${option.dataset.region})`;
}

$("#goal").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("#run").getAttribute("aria-disabled") === "true") return;
  const settings = goal();
  if (settings && ready()) busy($("#run"), () => run(settings));
});
$("#goal").addEventListener("input", (event) => {
  if (event.target.name in LIMITS) share(event.target.name);
});

async function run(settings) {
  const body = { catalog_id: steps.catalog.upload.id, report_id: steps.report.upload.id, settings };
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
  const settings = { target_acos: values.target / 100, rho: (values.rho ?? 0) / 100, sales_at_risk: (values.risk ?? 2) / 100 };
  if (values.margin !== null) settings.margin = values.margin / 100;
  if (values.most !== null) settings.most_changes = values.most;
  const words = $("#protect").value.split(/[\n,，;；]/).map((one) => one.trim()).filter(Boolean);
  if (words.length) settings.protect = words;
  if ($("#marketplace").value) settings.marketplace = $("#marketplace").value;
  return settings;
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

function ready() {
  return Boolean(steps.catalog.usable && steps.report.usable);
}

function changed() {
  key = crypto.randomUUID?.() ?? String(Math.random());
  const address = new URL(location.href);
  for (const [name, step] of Object.entries(steps)) {
    if (step.upload) address.searchParams.set(name, step.upload.id);
    else address.searchParams.delete(name);
  }
  history.replaceState(null, "", address);
  const lacking = Object.entries(steps).filter(([, step]) => !step.usable).map(([name]) => name);
  $("#run").setAttribute("aria-disabled", String(lacking.length > 0));
  $("#run-hint").textContent = lacking.length ? t(`start.lacking.${lacking.join("_")}`) : reading() ? t("start.reading_on") : "";
}

const reading = () => Object.values(steps).some((step) => ["queued", "running"].includes(step.upload?.state));

async function open() {
  const asked = new URL(location.href).searchParams;
  changed();
  await session();
  await Promise.all(
    Object.entries(steps).map(async ([name, step]) => {
      step.offer(await get(`/${name}s`));
      if (asked.get(name)) await step.take(asked.get(name)).catch(() => step.empty());
    }),
  );
  changed();
}

open().catch(fail);
