// The view by product: what each product attracts, and the two views' common doors.
const CARDS = 24, DRAWN = 6;
const products = { query: "", drawing: true, page: 0, open: new Set() };
const productsView = document.getElementById("view-products");

const drawn = data.products.map((product, place) => ({ ...product, place, lines: [], also: 0 }));
for (const line of lines) {
  line.found.forEach(([place], rank) => {
    if (line.outcome === 0 && rank === 0) drawn[place].lines.push(line);
    else if (line.outcome === 0) drawn[place].also += 1;
  });
}
const spent = (some) => some.reduce((sum, line) => sum + (line.spend ?? 0), 0);
for (const product of drawn) {
  product.lines.sort((a, b) => (b.spend ?? 0) - (a.spend ?? 0) || (b.clicks ?? 0) - (a.clicks ?? 0));
  product.spend = spent(product.lines);
  product.text = [product.title, product.id, product.brand, ...product.lines.map((line) => line.term)].join("\n").toLowerCase();
}
drawn.sort((a, b) => b.spend - a.spend || b.lines.length - a.lines.length || a.place - b.place);

function showProducts() {
  const words = products.query.toLowerCase().split(/\s+/).filter(Boolean);
  const within = drawn.filter((product) => words.every((word) => product.text.includes(word)));
  const some = within.filter((product) => product.lines.length > 0 === products.drawing);
  const pages = Math.max(1, Math.ceil(some.length / CARDS));
  products.page = Math.min(products.page, pages - 1);
  const shown = some.slice(products.page * CARDS, (products.page + 1) * CARDS);
  const focus = document.activeElement?.dataset?.key;
  productsView.replaceChildren(
    productTools(within, some),
    some.length ? el("div", { class: "cards" }, shown.map(productCard)) : el("p", { class: "empty" }, "No product fits. Clear the search or choose the others."),
    pager(products.page, pages, (to) => { products.page = to; showProducts(); productsView.scrollIntoView(); productsView.focus({ preventScroll: true }); }) ?? "",
  );
  if (focus) productsView.querySelector(`[data-key="${focus}"]`)?.focus({ preventScroll: true });
}

function productTools(within, some) {
  const choose = (drawing) => () => { products.drawing = drawing; products.page = 0; showProducts(); };
  const count = within.filter((product) => product.lines.length).length;
  const choices = el("div", { class: "choices", role: "group", "aria-label": "Products" },
    pressable("Attract terms", count, products.drawing, choose(true)), pressable("Attract none", within.length - count, !products.drawing, choose(false)));
  choices.querySelectorAll("button").forEach((button, at) => { button.dataset.key = `products-${at}`; });
  const left = data.productsInAll - data.products.length;
  const said = `${counted(some.length)} of ${counted(data.productsInAll)} products` + (left > 0 ? `; ${counted(left)} that attract none are not listed` : "");
  return el("div", { class: "tools" }, choices, el("p", { class: "said", role: "status" }, said));
}

function productCard(product) {
  const price = product.price === undefined ? null : money(product.price, product.currency ?? { prefix: "", decimals: 2 });
  const about = [product.brand, price].filter(Boolean).join(" · ");
  const head = el("div", { class: "found" }, picture(product.place), el("div", {},
    el("h3", { title: product.title }, product.title), about ? el("span", { class: "under" }, about) : null,
    el("code", { class: "path" }, product.id), product.path ? path(product.path) : null));
  if (!product.lines.length) return el("article", { class: "card still" }, head);
  return el("article", { class: "card" }, head, data.currencies.map((currency, at) => figures(product.lines.filter((line) => line.currency === at), currency)), draws(product),
    product.also ? el("p", { class: "second also" }, `Also retrieved by ${counted(product.also)} ${product.also === 1 ? "term" : "terms"} that fit another product better.`) : null);
}

function figures(some, currency) {
  if (!some.length) return null;
  const sum = (name) => (some.every((line) => line[name] === null) ? null : some.reduce((total, line) => total + (line[name] ?? 0), 0));
  const spend = sum("spend"), sales = sum("sales");
  const figure = (label, text, name) => el("div", {}, el("dt", {}, label), el("dd", { class: name }, text));
  return el("dl", { class: "figures" }, figure("Terms", counted(some.length)), figure("Clicks", counted(sum("clicks"))), figure("Spend", money(spend, currency)),
    figure("Orders", counted(sum("orders"))), figure("Sales", money(sales, currency)),
    figure("ACOS", sales > 0 ? percent(spend / sales) : spend > 0 ? "no sales" : UNKNOWN, sales > 0 || !spend ? "" : "bad"));
}

function draws(product) {
  const open = products.open.has(product.place);
  const shown = open ? product.lines : product.lines.slice(0, DRAWN), left = product.lines.length - DRAWN;
  const onclick = () => { open ? products.open.delete(product.place) : products.open.add(product.place); showProducts(); };
  return [
    el("ul", { class: "draws" }, shown.map((line) => el("li", {},
      el("button", { type: "button", title: line.term, onclick: () => showTerm(line.term) }, line.term),
      el("span", { class: "number" }, money(line.spend, data.currencies[line.currency])), gauge(line.found[0][1], "match")))),
    left > 0 ? el("button", { type: "button", class: "more", "aria-expanded": String(open), "data-key": `more-${product.place}`, onclick }, open ? "Show fewer" : `Show ${counted(left)} more`) : null,
  ];
}

const tabs = [...document.querySelectorAll("[role=tab]")];
const box = document.getElementById("search");

function choose(tab) {
  for (const other of tabs) {
    const here = other === tab;
    other.setAttribute("aria-selected", String(here));
    other.tabIndex = here ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !here;
  }
}

function look(query) {
  terms.query = products.query = query;
  terms.page = products.page = 0;
  showTerms();
  showProducts();
}

function showTerm(term) {
  box.value = term;
  terms.outcome = terms.currency = null;
  const line = lines.find((other) => other.term === term);
  if (line) terms.open = new Set([line.at]);
  look(term);
  choose(tabs[0]);
  document.getElementById("views").scrollIntoView();
  termsView.querySelector(".term")?.focus({ preventScroll: true });
}

for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const next = tabs[(tabs.indexOf(tab) + 1) % tabs.length];
    choose(next);
    next.focus();
  });
}
slim.addEventListener("change", showTerms);
let waiting;
box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => look(box.value), 120); });
for (const button of document.querySelectorAll("[data-term]")) button.addEventListener("click", () => showTerm(button.dataset.term));
look("");
