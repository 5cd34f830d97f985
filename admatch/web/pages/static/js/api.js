// The API of this server; every refusal becomes a Failure with one sentence.
import { message, t } from "./words.js";

const BASE = "/api/v1";
const BUSY = [429, 503];
const PAUSES = [1000, 2000, 4000]; // milliseconds
const LONGEST = 15_000;
let opened;

export class Failure extends Error {
  constructor(status, why) {
    super(message(why));
    this.status = status;
  }
}

export function session() {
  opened ??= reached(fetch(`${BASE}/session`))
    .then(answered)
    .catch((error) => {
      opened = undefined;
      throw error;
    });
  return opened;
}

// What only reads is asked for again while the server is busy.
export async function get(path) {
  for (let turn = 0; ; turn += 1) {
    const answer = await reached(fetch(BASE + path, { headers: { Accept: "application/json" } }));
    if (!BUSY.includes(answer.status) || turn === PAUSES.length) return answered(answer);
    const wait = Number(answer.headers.get("Retry-After")) || 0;
    await new Promise((done) => setTimeout(done, Math.max(PAUSES[turn], Math.min(wait * 1000, LONGEST))));
  }
}

export const post = (path, body, headers = {}) => changed("POST", path, body, headers);
export const change = (path, body) => changed("PUT", path, body);
export const remove = (path) => changed("DELETE", path);

async function changed(method, path, body, headers = {}, again = true) {
  const { csrf } = path === "/session" && method === "POST" ? {} : await session();
  const form = body instanceof FormData;
  const sent = { method, headers: { Accept: "application/json", "X-CSRF-Token": csrf ?? "", ...headers } };
  if (body !== undefined && !form) sent.headers["Content-Type"] = "application/json";
  if (body !== undefined) sent.body = form ? body : JSON.stringify(body);
  const answer = await reached(fetch(BASE + path, sent));
  if (answer.status === 403 && again) {
    opened = undefined; // the session ended while the page was open
    return changed(method, path, body, headers, false);
  }
  return answered(answer);
}

async function reached(answer) {
  try {
    return await answer;
  } catch {
    throw new Failure(0, t("failure.offline"));
  }
}

async function answered(answer) {
  if (answer.status === 204) return null;
  const body = await answer.json().catch(() => null);
  if (answer.ok) return body;
  if (answer.status === 401 && location.pathname !== "/login") {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  throw new Failure(answer.status, body?.message ?? body?.detail ?? t("failure.unknown", { status: answer.status }));
}

// A form with files; progress is called with the share that has been sent.
export async function upload(path, form, progress, signal) {
  const { csrf } = await session();
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", BASE + path);
    request.setRequestHeader("X-CSRF-Token", csrf ?? "");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    request.addEventListener("load", () => {
      if (request.status < 300) done(request.response);
      else fail(new Failure(request.status, request.response?.message ?? request.response?.detail ?? t("failure.unknown", { status: request.status })));
    });
    request.addEventListener("error", () => fail(new Failure(0, t("failure.offline"))));
    request.addEventListener("abort", () => fail(new DOMException("", "AbortError")));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
