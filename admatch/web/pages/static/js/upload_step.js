// One step of the first page: files dropped or chosen → sent → read → summed up.
import { get, session, upload } from "./api.js";
import { $, el, put } from "./dom.js";
import { bytes, moment, percent } from "./format.js";
import { fail } from "./say.js";
import { summary } from "./upload_summary.js";
import { t } from "./words.js";

const TABLE = /\.(csv|tsv|txt|xlsx|xlsm|xls|jsonl?|ndjson|parquet)(\.(gz|zst))?$/i;
const POLL = 700; // milliseconds

export class Step {
  constructor(kind, path, changed) {
    this.kind = kind;
    this.path = path;
    this.changed = changed;
    this.root = $(`#${kind}`);
    this.box = $(".upload", this.root);
    this.upload = null;
    this.files = [];
    const input = $(".drop input", this.root);
    input.addEventListener("change", () => {
      if (input.files.length) this.send([...input.files]);
      input.value = "";
    });
    for (const [name, on] of [["dragenter", true], ["dragleave", false], ["drop", false]]) {
      input.addEventListener(name, () => input.parentElement.classList.toggle("over", on));
    }
    this.again = $(".again select", this.root);
    this.again.addEventListener("change", () => (this.again.value ? this.take(this.again.value).catch(fail) : this.empty()));
  }

  get usable() {
    return this.upload && !["failed", "cancelled"].includes(this.upload.state);
  }

  // Earlier uploads that may be used again.
  offer(uploads) {
    const usable = uploads.filter((one) => one.state === "done").slice(0, 30);
    this.again.append(...usable.map((one) => el("option", { value: one.id }, `${one.name} · ${moment(one.created)}`)));
    this.again.parentElement.hidden = !usable.length;
  }

  async take(id) {
    this.upload = await get(`${this.path}/${id}`);
    this.show();
    this.follow(id);
  }

  async send(files, options = {}) {
    const { limits } = await session();
    const large = files.find((file) => file.size > limits.file);
    if (large) return fail(new Error(t("upload.too_large", { name: large.name, most: bytes(limits.file) })));
    this.stop?.abort();
    this.stop = new AbortController();
    this.files = files;
    this.upload = null;
    this.changed();
    try {
      this.upload = await upload(this.path, form(this.kind, files, options), (share) => this.sending(files, share), this.stop.signal);
      this.show();
      this.follow(this.upload.id);
    } catch (error) {
      this.empty();
      if (error.name !== "AbortError") this.refused(files, error);
    }
    return undefined;
  }

  async follow(id) {
    while (this.upload?.id === id && ["queued", "running"].includes(this.upload.state)) {
      await new Promise((done) => setTimeout(done, POLL));
      if (this.upload?.id !== id) return;
      try {
        this.upload = await get(`${this.path}/${id}`);
      } catch (error) {
        if (error.status) return this.empty();
      }
      this.show();
    }
  }

  sending(files, share) {
    this.root.classList.add("taken");
    const bar = el("progress", { class: "meter", max: 1, value: share, "aria-label": t("upload.sending") });
    const stop = el("button", { type: "button", class: "link", onclick: () => this.stop.abort() }, t("cancel"));
    put(this.box, el("p", {}, el("b", {}, names(files))), el("div", { class: "bar-line" }, bar, el("span", { class: "tabular" }, percent(share, 0)), stop));
  }

  refused(files, error) {
    put(this.box, el("div", { class: "notice bad", role: "alert" }, el("p", {}, el("b", {}, names(files))), el("p", {}, error.message)));
  }

  show() {
    this.root.classList.toggle("taken", Boolean(this.upload));
    this.root.classList.toggle("ready", this.upload?.state === "done");
    put(this.box, summary(this.kind, this.upload, this));
    this.changed();
  }

  empty() {
    this.upload = null;
    this.again.value = "";
    this.root.classList.remove("taken", "ready");
    put(this.box);
    this.changed();
    $(".drop input", this.root).focus();
  }
}

const names = (files) => (files.length > 1 ? t("upload.several", { name: files[0].name, n: files.length - 1 }) : files[0].name);

// A catalog is one table (or a zip) and its pictures; reports are any number of files.
function form(kind, files, options) {
  const body = new FormData();
  if (kind === "report") for (const file of files) body.append("files", file);
  else {
    const main = files.find((file) => TABLE.test(file.name)) ?? files.find((file) => /\.zip$/i.test(file.name)) ?? files[0];
    body.append("file", main);
    for (const file of files) if (file !== main) body.append("pictures", file);
  }
  for (const [name, value] of Object.entries(options)) body.append(name, value);
  return body;
}
