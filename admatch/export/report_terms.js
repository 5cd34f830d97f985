// The view by search term: a table that holds one page of rows, however many terms there are.
const ROWS = 50;
const terms = { outcome: null, currency: null, query: "", sort: "spend", falling: true, page: 0, open: new Set() };
const COLUMNS = [
  { key: "term", label: "Search term", width: "22%", text: true },
  { key: "probability", label: "Outcome", choice: "Probability", width: "13%" },
  { key: "best", label: "Best product", text: true },
  { key: null, label: "Runner-up", width: "12%", spare: true },
  { key: "clicks", label: "Clicks", width: "7%", class: "number" },
  { key: "spend", label: "Spend", width: "8%", class: "number" },
  { key: "orders", label: "Orders", width: "7%", class: "number" },
  { key: "acos", label: "ACOS", width: "8%", class: "number" },
];
const slim = matchMedia("(max-width: 1080px)"); // the runner-up is the first to go; it is in the details too
const termsView = document.getElementById("view-terms");
const KEYS = { term: (line) => line.term ?? "", best: (line) => line.best?.title ?? "" };

const columns = () => COLUMNS.filter(({ spare }) => !(spare && slim.matches));

function chosen() {
  const words = terms.query.toLowerCase().split(/\s+/).filter(Boolean);
  return lines.filter((line) =>
    (terms.currency === null || line.currency === terms.currency) && words.every((word) => line.text.includes(word)));
}

function sorted(some) {
  const key = KEYS[terms.sort] ?? ((line) => line[terms.sort]);
  const compare = KEYS[terms.sort] ? new Intl.Collator().compare : (a, b) => a - b;
  const sign = terms.falling ? -1 : 1;
  return [...some].sort((a, b) => {
    const left = key(a), right = key(b);
    if (left === null || right === null) return (left === null) - (right === null) || a.at - b.at;
    return sign * compare(left, right) || a.at - b.at;
  });
}

function showTerms() {
  const within = chosen();
  const some = sorted(terms.outcome === null ? within : within.filter((line) => line.outcome === terms.outcome));
  const pages = Math.max(1, Math.ceil(some.length / ROWS));
  terms.page = Math.min(terms.page, pages - 1);
  const first = terms.page * ROWS, rows = some.slice(first, first + ROWS);
  const focus = document.activeElement?.dataset?.key;
  termsView.replaceChildren(
    termTools(within, some),
    some.length ? termTable(rows) : el("p", { class: "empty" }, "No term fits. Clear the search or choose another outcome."),
    pager(terms.page, pages, (to) => { terms.page = to; showTerms(); termsView.scrollIntoView(); termsView.focus({ preventScroll: true }); }) ?? "",
  );
  if (focus) termsView.querySelector(`[data-key="${focus}"]`)?.focus({ preventScroll: true });
}

function termTools(within, some) {
  const choose = (outcome) => () => { terms.outcome = outcome; terms.page = 0; showTerms(); };
  const count = (outcome) => within.filter((line) => line.outcome === outcome).length;
  const choices = el("div", { class: "choices", role: "group", "aria-label": "Outcome" },
    pressable("All", within.length, terms.outcome === null, choose(null)),
    OUTCOMES.map(({ label }, outcome) => pressable(label, count(outcome), terms.outcome === outcome, choose(outcome))));
  choices.querySelectorAll("button").forEach((button, at) => { button.dataset.key = `outcome-${at}`; });
  return el("div", { class: "tools" }, choices, currencyChoice(), sortChoice(),
    el("p", { class: "said", role: "status" }, `${counted(some.length)} of ${counted(lines.length)} ${data.currencies.length > 1 ? "lines, one a term and currency" : "terms"}`));
}

function currencyChoice() {
  if (data.currencies.length < 2) return null;
  const options = data.currencies.map(({ code }, at) => el("option", { value: at, selected: terms.currency === at }, code || "no currency"));
  const onchange = (event) => { terms.currency = event.target.value === "" ? null : Number(event.target.value); terms.page = 0; showTerms(); };
  return el("label", {}, el("span", { class: "hidden" }, "Currency"), el("select", { onchange, "data-key": "currency" }, el("option", { value: "" }, "All currencies"), options));
}

function sortChoice() {
  const options = COLUMNS.filter(({ key }) => key).map(({ key, label, choice, text }) => el("option", { value: key, selected: terms.sort === key }, `${choice ?? label}${text ? "" : ", highest first"}`));
  const onchange = (event) => sortBy(event.target.value, true);
  return el("label", { class: "narrow" }, el("span", { class: "hidden" }, "Sort by"), el("select", { onchange, "data-key": "sort" }, options));
}

function sortBy(key, afresh) {
  const text = key in KEYS;
  terms.falling = !afresh && terms.sort === key ? !terms.falling : !text;
  terms.sort = key;
  terms.page = 0;
  showTerms();
}

function termTable(rows) {
  const heads = columns().map(({ key, label, width, class: name }) => {
    const sort = terms.sort === key && key ? (terms.falling ? "descending" : "ascending") : null;
    const held = key ? el("button", { type: "button", "data-key": `sort-${key}`, onclick: () => sortBy(key, false) }, label) : label;
    return el("th", { scope: "col", class: name, "aria-sort": sort, style: width && `width:${width}` }, held);
  });
  return el("table", {}, el("caption", { class: "hidden" }, "Search terms, what they are about and what they cost"),
    el("thead", {}, el("tr", {}, heads)), el("tbody", {}, rows.flatMap(termRows)));
}

function termRows(line) {
  const open = terms.open.has(line.at), outcome = OUTCOMES[line.outcome], currency = data.currencies[line.currency];
  const number = (label, text, name) => el("td", { class: `number ${name ?? ""}`, "data-label": label }, text);
  const row = el("tr", { class: `line ${outcome.name} ${open ? "open" : ""}` },
    el("th", { scope: "row" }, termCell(line, open)),
    el("td", { class: "state" }, el("div", { class: "outcome" }, el("i", { class: `dot ${outcome.name}` }), outcome.label), gauge(line.probability), doubt(line)),
    el("td", {}, line.found.length ? foundCell(line, line.found[0]) : el("span", { class: "second" }, KINDS[line.kind] ?? UNKNOWN)),
    slim.matches ? null : el("td", { class: "second" }, runnerUp(line)),
    number("Clicks", counted(line.clicks)), number("Spend", money(line.spend, currency)), number("Orders", counted(line.orders)),
    acosCell(line));
  return open ? [row, detailRow(line, currency)] : [row];
}

// A sale is the best reason to doubt "none of mine": it has to be seen before the term is stopped.
function doubt(line) {
  if (OUTCOMES[line.outcome].name !== "none" || !(line.orders > 0)) return null;
  return el("div", { class: "doubt" }, `yet ${counted(line.orders)} ${line.orders === 1 ? "order" : "orders"}`);
}

function acosCell(line) {
  const lost = line.acos === null && line.spend > 0 && line.sales !== null;
  const text = lost ? "no sales" : percent(line.acos);
  return el("td", { class: `number ${lost ? "bad" : line.acos === null ? "void" : ""}`, "data-label": "ACOS" }, text);
}

function termCell(line, open) {
  const onclick = () => { open ? terms.open.delete(line.at) : terms.open.add(line.at); showTerms(); };
  const names = line.campaigns.map((number) => data.campaigns[number]);
  const where = names.length > 1 ? `${names[0]} and ${names.length - 1} more` : names[0];
  return [
    el("button", { type: "button", class: "term", "aria-expanded": String(open), "data-key": `term-${line.at}`, onclick }, el("b", {}, line.term || "(empty)")),
    where ? el("span", { class: "under", title: names.join("\n") }, where) : null,
    line.path ? path(line.path) : null,
  ];
}

function foundCell(line, [place]) {
  const product = data.products[place], faint = line.outcome !== 0;
  return el("div", { class: `found ${faint ? "faint" : ""}` }, picture(place), el("div", {},
    el("span", { class: "title", title: product.title }, faint ? `nearest: ${product.title}` : product.title),
    el("code", { class: "path" }, product.id), product.path ? path(product.path, line.path) : null));
}

function runnerUp(line) {
  if (line.found.length < 2) return null;
  const [place, probability] = line.found[1];
  return [el("span", { class: "title", title: data.products[place].title }, data.products[place].title), sure(probability)];
}

function detailRow(line, currency) {
  const ranked = line.found.map((found) => el("li", {}, foundCell({ ...line, outcome: 0 }, found), gauge(found[1], line.outcome === 0 ? "match" : "")));
  const figure = (label, text) => el("div", {}, el("dt", {}, label), el("dd", {}, text));
  const rate = (part, whole) => (part !== null && whole > 0 ? part / whole : null);
  const names = line.campaigns.map((number) => data.campaigns[number]);
  return el("tr", { class: "detail" }, el("td", { colspan: columns().length }, el("div", { class: "inside" },
    el("div", {}, el("h3", {}, line.found.length ? "What this term retrieves" : "Nothing to retrieve"),
      line.found.length ? el("ol", { class: "ranked" }, ranked) : el("p", { class: "second" }, `The cell holds ${KINDS[line.kind] ?? "nothing that can be judged"}, not words of a shopper.`)),
    el("div", {}, el("h3", {}, "Figures"), el("dl", {},
      figure("Impressions", counted(line.impressions)), figure("Clicks", `${counted(line.clicks)} (${percent(rate(line.clicks, line.impressions), 2)})`),
      figure("Spend", money(line.spend, currency)), figure("Sales", money(line.sales, currency)),
      figure("Orders", `${counted(line.orders)} (${percent(rate(line.orders, line.clicks), 1)} of clicks)`), figure("Units", counted(line.units))),
      names.length ? el("h3", {}, names.length === 1 ? "Campaign" : "Campaigns") : null, el("ul", { class: "campaigns" }, names.map((name) => el("li", {}, name)))))));
}
