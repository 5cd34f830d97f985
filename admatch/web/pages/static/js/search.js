// Products by words, by picture, or by both.
import { get, post, session } from "./api.js";
import { picture } from "./decision_row.js";
import { $, el, hidden, put } from "./dom.js";
import { bytes, count, decimal, moment, sure } from "./format.js";
import { busy, fail } from "./say.js";
import { named, t } from "./words.js";

const PATIENCE = 400; // milliseconds that a search usually takes at most
const POLL = 500;
const LIKELY = 0.5; // probability from which a product is rather meant than not
const USUAL = 5000; // that a step of loading takes
const form = $("#search");
const field = $("#picture");
const button = $("button[type=submit]", form);

async function open() {
  const asked = new URL(location.href).searchParams;
  const catalogs = (await get("/catalogs")).filter((one) => one.state === "done");
  if (!catalogs.length) {
    put($("#found"), el("li", { class: "empty" }, el("p", {}, t("search.no_catalog")), el("a", { class: "button primary", href: "/" }, t("nav.start"))));
    form.hidden = true;
    return;
  }
  put($("#catalog"), catalogs.map((one) => el("option", { value: one.id }, `${one.name} · ${moment(one.created)}`)));
  if (catalogs.some((one) => one.id === asked.get("catalog"))) $("#catalog").value = asked.get("catalog");
  $("#words").value = asked.get("q") ?? "";
  $("#catalog").addEventListener("change", prepare);
  if ($("#words").value) form.requestSubmit();
  else prepare();
}

// The index of a catalog is opened while the words are still being typed.
function prepare() {
  const body = new FormData();
  for (const [name, value] of Object.entries({ catalog_id: $("#catalog").value, words: "a", k: "1" })) body.append(name, value);
  post("/search", body).catch(() => {}); // the search itself says what is wrong
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  busy(button, find);
});

async function find() {
  const words = $("#words").value.trim();
  const image = field.files[0];
  if (!words && !image) {
    $("#said").textContent = t("search.nothing");
    return $("#words").focus();
  }
  const { limits } = await session();
  if (image && image.size > limits.picture) throw new Error(t("upload.too_large", { name: image.name, most: bytes(limits.picture) }));
  const address = new URL(location.href);
  address.searchParams.set("catalog", $("#catalog").value);
  address.searchParams.set("q", words);
  history.replaceState(null, "", address);
  $("#said").textContent = t("search.searching");
  const watched = watch();
  const body = new FormData();
  body.append("catalog_id", $("#catalog").value);
  body.append("words", words);
  if (image) body.append("image", image);
  body.append("k", "12");
  try {
    const { items } = await post("/search", body);
    $("#said").textContent = items.length ? [t("search.found", { n: items.length, count: count(items.length) }), far(items) ? t("search.far") : ""].join(" ") : t("search.none");
    $("#found").classList.toggle("plain-cards", items.every((one) => !one.picture));
    put($("#found"), items.map(card));
  } catch (error) {
    $("#said").textContent = "";
    throw error;
  } finally {
    watched.stop();
  }
  return undefined;
}

// Whether even the nearest product is hardly what was meant.
const far = ([first]) => first.probability !== null && first.probability < LIKELY;

// The first search after a start waits for the models; what is being loaded is shown meanwhile.
function watch() {
  let timer = setTimeout(look, PATIENCE);
  let step = null; // what is loaded now, and since when
  async function look() {
    const at = await get("/search/progress").catch(() => null);
    if (timer === null) return;
    hidden($("#waiting"), !at?.stage);
    if (at?.stage) {
      const key = `${at.stage}/${at.done}`;
      if (step?.key !== key) step = { key, since: performance.now() };
      const within = 1 - Math.exp((step.since - performance.now()) / USUAL); // it never stands still
      $("#waiting-stage").textContent = named("stage", at.stage);
      $("#waiting-share").value = (at.done + within) / (Math.max(at.total, at.done) + 1);
    }
    timer = setTimeout(look, POLL);
  }
  return { stop: () => {
    clearTimeout(timer);
    timer = null;
    hidden($("#waiting"), true);
  } };
}

function card(item) {
  const fit = item.probability === null
    ? el("small", {}, t("search.score", { score: decimal(item.score) }))
    : el("span", { class: "gauge" }, el("i", { "--part": item.probability, "aria-hidden": "true" }), t(item.probability < LIKELY ? "search.unlikely" : "decisions.fit.match", { p: sure(item.probability) }));
  return el("li", { class: "card product" }, picture(item.picture, item.title, 288), el("div", {}, el("b", { class: "title" }, item.title), el("small", { class: "mono" }, item.product_id), fit));
}

async function show() {
  const image = field.files[0];
  $("#preview").hidden = !image;
  $("#no-picture").hidden = !image;
  if ($("#preview").src) URL.revokeObjectURL($("#preview").src);
  if (image) $("#preview").src = URL.createObjectURL(image);
  $("#pick-label").textContent = image ? image.name : t("search.pick");
}

field.addEventListener("change", show);
$("#no-picture").addEventListener("click", () => {
  field.value = "";
  show();
  $("#words").focus();
});
for (const [name, on] of [["dragenter", true], ["dragleave", false], ["drop", false]]) {
  field.addEventListener(name, () => $("#pick").classList.toggle("over", on));
}
// A picture can be pasted, too.
document.addEventListener("paste", (event) => {
  const [image] = [...(event.clipboardData?.files ?? [])].filter((one) => one.type.startsWith("image/"));
  if (!image) return;
  const kept = new DataTransfer();
  kept.items.add(image);
  field.files = kept.files;
  show();
});

open().catch(fail);
