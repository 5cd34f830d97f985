// The page's sentences in its language; a sentence with forms for one and several goes by n.
const page = document.documentElement;
const { words, patterns } = await import(page.dataset.words);

export const language = page.lang;
const plural = new Intl.PluralRules(language);
const compiled = patterns.map(([english, told]) => [pattern(english), told]);

export function t(key, values = {}) {
  let text = words[key];
  if (text === undefined) return key;
  if (typeof text !== "string") text = text[plural.select(values.count ?? values.n)] ?? text.other;
  return filled(text, values);
}

export const known = (key) => key in words;

// One of a closed set that the API names in English, such as a stage or a cause.
export function named(group, name) {
  const key = `${group}.${String(name).replaceAll(/[^\p{L}\p{N}]+/gu, "_")}`;
  return known(key) ? words[key] : String(name);
}

// A sentence that the API tells in English, in the page's language as far as it is known there.
export function told(text) {
  if (!text || !compiled.length) return capital(text ?? "");
  const whole = matched(text);
  if (whole !== null) return whole;
  const parts = text.split("; ");
  const found = parts.map((one) => matched(one) ?? one);
  return found.every((one, at) => one === parts[at]) ? text : `${found.join("；")}${text.endsWith(".") ? "。" : ""}`;
}

// The API's sentences begin small, as they also stand behind a file's name; names are left alone.
const capital = (text) => text.replace(/^[a-z]+(?=[ ,’'])/u, (word) => word[0].toUpperCase() + word.slice(1));

function matched(text) {
  for (const [form, sentence] of compiled) {
    const found = form.exec(text);
    if (found) return filled(sentence, Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, name.endsWith("_told") ? told(value) : value])));
  }
  return null;
}

function filled(text, values) {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// "{n} row[s]": any text named n, and a letter that may be missing.
function pattern(english) {
  const escaped = english.replaceAll(/[.*+?^$|()\\]/g, "\\$&");
  const optional = escaped.replaceAll(/\[(.+?)\]/g, "(?:$1)?");
  return new RegExp(`^${optional.replaceAll(/\{(\w+)\}/g, "(?<$1>(?:(?!; ).)+?)")}\\.?$`, "u");
}
