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
  if (!text || !compiled.length) return text ?? "";
  return split(text).map(part).join("");
}

// Sentences are made of clauses parted by "; ": each is told by itself, the whole first.
function split(text) {
  return compiled.some(([form]) => form.test(text)) ? [text] : text.split(/(; )/);
}

function part(text) {
  if (text === "; ") return "；";
  for (const [form, sentence] of compiled) {
    const found = form.exec(text);
    if (found) return filled(sentence, Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, name.endsWith("_told") ? told(value) : value])));
  }
  return text;
}

function filled(text, values) {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

function pattern(english) {
  const escaped = english.replaceAll(/[.*+?^$|()[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll(/\{(\w+)\}/g, "(?<$1>.+?)")}\\.?$`, "u");
}
