// The page's labels, and the API's messages, in the page's language.
const page = document.documentElement;
const { labels, messages } = await import(page.dataset.words);

export const language = page.lang;
export const gap = language.startsWith("zh") ? "" : " "; // between sentences
const plural = new Intl.PluralRules(language);
const whole = new Intl.NumberFormat(language);

// A label by key; one with forms for one and several goes by count or n.
export function t(key, values = {}) {
  let text = labels[key];
  if (text === undefined) return key;
  if (typeof text !== "string") text = text[plural.select(values.count ?? values.n)] ?? text.other;
  return filled(text, values);
}

const known = (key) => key in labels;

// One of a closed set that the API names in English, such as a stage or a cause.
export function named(group, name) {
  const key = `${group}.${String(name).replaceAll(/[^\p{L}\p{N}]+/gu, "_")}`;
  return known(key) ? labels[key] : String(name);
}

// A message of the API. One without an identifier is a plain text: an earlier version stored it.
export function message(value) {
  if (value === null || value === undefined) return "";
  return capital(translated(value));
}

// Messages have no full stop, as others may follow; where one stands alone it gets its own.
export const ended = (text) => (text && !/[.。!?！？]$/.test(text) ? `${text}${t("results.stop")}` : text);

// The English text of a message.
export const english = (value) => (typeof value === "string" ? value : value.text);

function translated(value) {
  if (typeof value === "string") return value;
  let text = messages[value.id];
  if (text === undefined) return value.text;
  if (typeof text !== "string") text = value.parameters.n === 1 ? text.one : text.other;
  return filled(text, Object.fromEntries(Object.entries(value.parameters).map(([name, one]) => [name, parameter(one)])));
}

function parameter(value) {
  if (typeof value === "number") return whole.format(value);
  return typeof value === "string" ? value : translated(value);
}

// Messages begin with a small letter, as they may follow a file's name; names stay as they are.
const capital = (text) => text.replace(/^[a-z]+(?=[ ,’'])/u, (word) => word[0].toUpperCase() + word.slice(1));

function filled(text, values) {
  return text.replaceAll(/\{(\w+)\}/g, (found, name) => (name in values ? String(values[name]) : found));
}
