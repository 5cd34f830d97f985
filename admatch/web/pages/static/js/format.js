// Numbers, amounts and times as the reader's language writes them.
import { language, t } from "./words.js";

const UNKNOWN = "–";
const made = new Map();

// Digits are written alike in both languages, and currencies as admatch's files write them.
function format(options) {
  const key = JSON.stringify(options);
  if (!made.has(key)) {
    const number = new Intl.NumberFormat(options.style === "currency" ? "en-US" : language, options);
    made.set(key, { format: (value) => number.format(value).replace("-", "−") });
  }
  return made.get(key);
}

const missing = (value) => value === null || value === undefined || Number.isNaN(value);

export const count = (value) => (missing(value) ? UNKNOWN : format({ maximumFractionDigits: 0 }).format(value));

export function money(value, currency, round = false) {
  if (missing(value)) return UNKNOWN;
  const whole = round && Math.abs(value) >= 1000 ? { maximumFractionDigits: 0 } : {};
  const amount = Math.abs(value) < 0.005 ? 0 : value; // no "-0.00"
  if (!currency) return format({ minimumFractionDigits: 2, maximumFractionDigits: 2, ...whole, ...(whole.maximumFractionDigits === 0 ? { minimumFractionDigits: 0 } : {}) }).format(amount);
  try {
    return format({ style: "currency", currency, ...whole }).format(amount);
  } catch {
    return `${format({ maximumFractionDigits: 2 }).format(amount)} ${currency}`;
  }
}

export function percent(share, digits = 1) {
  if (missing(share)) return UNKNOWN;
  if (share > 10) return t("over", { value: shown(10, 0) });
  return shown(share, digits);
}

const shown = (share, digits) => t("percent", { number: format({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(100 * share) });

// 99.6 % is not certain, and 0.2 % is not nothing
export function sure(share) {
  if (missing(share)) return UNKNOWN;
  if (share > 0.99 && share < 1) return `> ${shown(0.99, 0)}`;
  if (share < 0.01 && share > 0) return `< ${shown(0.01, 0)}`;
  return shown(share, 0);
}

// The difference of two shares; bare without its unit.
export function points(difference, bare = false) {
  if (missing(difference)) return UNKNOWN;
  const number = format({ minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "exceptZero" }).format(100 * difference);
  return bare ? number : t("points", { value: number });
}

export const decimal = (value, digits = 2) =>
  missing(value) ? UNKNOWN : format({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

export function bytes(value) {
  if (missing(value)) return UNKNOWN;
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let at = 0;
  while (value >= 1000 && at < 3) [value, at] = [value / 1024, at + 1];
  return format({ style: "unit", unit: units[at], unitDisplay: "short", maximumFractionDigits: value < 10 && at ? 1 : 0 }).format(value);
}

export function seconds(value) {
  const unit = value < 90 ? ["second", Math.max(1, Math.round(value))] : ["minute", Math.round(value / 60)];
  return format({ style: "unit", unit: unit[0], unitDisplay: "long" }).format(unit[1]);
}

// The API's moments are UTC, its days are days.
export function moment(text) {
  const stamp = new Date(/[Z+]/.test(text.slice(10)) ? text : `${text}Z`);
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(stamp);
}

export function day(text) {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${text}T00:00:00Z`));
}

export function period(days) {
  if (!days) return "";
  const form = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
  return form.formatRange(...days.map((one) => new Date(`${one}T00:00:00Z`)));
}

export const list = (parts) => new Intl.ListFormat(language, { type: "conjunction" }).format(parts);

export function region(code) {
  try {
    return new Intl.DisplayNames(language, { type: "region" }).of(code === "UK" ? "GB" : code) ?? code;
  } catch {
    return code;
  }
}

// "12,5" and "12.5" are the same share; null for what is no number.
export function parsed(text) {
  const plain = text.trim().replace(/\s|%|％/g, "").replace(",", ".");
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}
