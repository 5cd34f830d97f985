// A run in progress: stage, rows, time left. It goes on when the page is closed.
import { get, post, remove } from "./api.js";
import { $, $$ } from "./dom.js";
import { count, percent, seconds } from "./format.js";
import { ask, busy, fail } from "./say.js";
import { message, t } from "./words.js";

const POLL = 1000; // milliseconds
const id = $("#progress").dataset.run;
const title = document.title;
let run;

async function follow() {
  for (;;) {
    const found = await asked();
    if (found) {
      run = found;
      show();
    }
    if (run?.state === "done") return location.reload();
    if (run?.state === "failed" || run?.state === "cancelled") return undefined;
    await new Promise((done) => setTimeout(done, POLL));
  }
}

async function asked() {
  try {
    return await get(`/runs/${id}`);
  } catch (error) {
    if (error.status === 404) location.reload();
    else $("#status").textContent = t("progress.lost"); // the server is away; it resumes what it was doing
    return null;
  }
}

function show() {
  // products that came in the same upload have no catalog of their own
  const names = [run.report.name, run.catalog?.name].filter(Boolean);
  $("#made-of").textContent = [...names, t("results.target", { value: percent(run.settings.target_acos, 0) })].join(" · ");
  const over = ["failed", "cancelled"].includes(run.state);
  $("#work").hidden = over;
  $("#after").hidden = !over;
  $("#state").textContent = t(`progress.state.${run.state}`);
  $("#status").textContent = run.state === "failed" ? message(run.reason) : over ? "" : left();
  if (!over) work(run.progress);
}

function left() {
  if (run.state === "queued") {
    if (run.attempts) return t("progress.resumed");
    return run.waiting_before ? t("progress.before", { n: run.waiting_before, count: count(run.waiting_before) }) : t("progress.next");
  }
  const rest = run.progress?.seconds_left;
  return rest ? t("progress.left", { time: seconds(rest) }) : t("progress.starting");
}

function work(progress) {
  const share = progress?.share ?? 0;
  $("#share").value = share;
  $("#percent").textContent = percent(share, 0);
  document.title = share ? `${percent(share, 0)} · ${title}` : title;
  const stages = $$("#stages li");
  const at = stages.findIndex((one) => one.dataset.stage === progress?.stage);
  stages.forEach((one, number) => {
    const now = number === at;
    one.className = number < at ? "done" : now ? "now" : "";
    if (now) one.setAttribute("aria-current", "step");
    else one.removeAttribute("aria-current");
    $(".rows", one).textContent = now && progress.total > 1 ? t("progress.rows", { done: count(progress.done), total: count(progress.total) }) : "";
  });
}

$("#cancel").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  if (!(await ask(t("progress.ask.title"), t("progress.ask.text"), t("progress.cancel")))) return;
  busy(button, async () => {
    run = await remove(`/runs/${id}`);
    show();
  });
});

$("#again").addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    const made = await post("/runs", { catalog_id: run.catalog?.id ?? null, report_id: run.report.id, settings: run.settings });
    location.assign(`/runs/${made.id}`);
  }),
);

follow().catch(fail);
