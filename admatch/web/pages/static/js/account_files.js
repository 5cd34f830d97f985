// The files of an analysis: dropped in any order, sent, read together. A new one adds to the others.
import { get, session, upload } from "./api.js";
import { $, el, put } from "./dom.js";
import { bytes, moment, percent } from "./format.js";
import { fail } from "./say.js";
import { summary } from "./upload_summary.js";
import { t } from "./words.js";

const POLL = 700; // milliseconds
const OPEN = ["queued", "running"];

export class AccountFiles {
  constructor(changed) {
    this.changed = changed;
    this.root = $("#files");
    this.box = $(".upload", this.root);
    this.upload = null;
    this.turn = Promise.resolve(); // one drop at a time: each adds to what the one before made
    const input = $("#files-input");
    input.addEventListener("change", () => {
      if (input.files.length) this.add([...input.files]);
      input.value = "";
    });
    for (const [name, on] of [["dragenter", true], ["dragleave", false], ["drop", false]]) {
      input.addEventListener(name, () => input.parentElement.classList.toggle("over", on));
    }
    this.again = $("#again");
    this.again.addEventListener("change", () => (this.again.value ? this.take(this.again.value).catch(fail) : this.empty()));
  }

  get usable() {
    return this.upload && !["failed", "cancelled"].includes(this.upload.state) && !this.upload.lacking;
  }

  get reading() {
    return OPEN.includes(this.upload?.state);
  }

  // Earlier uploads that may be used again.
  offer(uploads) {
    const usable = uploads.filter((one) => one.state === "done").slice(0, 30);
    this.again.append(...usable.map((one) => el("option", { value: one.id }, `${one.name} · ${moment(one.created)}`)));
    this.again.parentElement.hidden = !usable.length;
  }

  async take(id) {
    const before = this.upload;
    const found = await get(`/reports/${id}`);
    if (this.upload !== before) return; // something else was chosen meanwhile
    this.upload = found;
    this.show();
    this.follow(id);
  }

  add(files) {
    return this.send({ files });
  }

  remove(id) {
    if (this.upload.files.every((one) => one.id === id)) return this.empty();
    return this.send({ without: [id] });
  }

  // Files, or another way to read them; files that could not be read do not come along again.
  send(asked) {
    this.turn = this.turn.then(() => this.sendNow(asked)).catch(fail);
    return this.turn;
  }

  async sendNow({ files = [], without = [], currency, period, columns }) {
    const { limits } = await session();
    const large = files.find((file) => file.size > limits.file);
    if (large) throw new Error(t("upload.too_large", { name: large.name, most: bytes(limits.file) }));
    const before = this.upload;
    const body = new FormData();
    for (const file of files) body.append("files", file);
    if (currency) body.append("currency", currency);
    if (period) body.append("period", period);
    if (columns) body.append("columns", JSON.stringify(columns));
    const refused = files.length ? unreadable(before) : [];
    const left = [...new Set([...without, ...refused])];
    if (before && before.files.some((one) => !left.includes(one.id))) {
      body.append("of", before.id);
      for (const id of left) body.append("without", id);
    }
    this.stop = new AbortController();
    if (files.length) this.sending(files, 0); // a slow line says nothing for a while
    try {
      this.upload = await upload("/reports", body, (share) => files.length && this.sending(files, share), this.stop.signal);
      this.show();
      this.follow(this.upload.id);
    } catch (error) {
      this.upload = before;
      this.show();
      if (error.name !== "AbortError") this.box.prepend(refusal(files, error));
    }
  }

  async follow(id) {
    while (this.upload?.id === id && this.reading) {
      await new Promise((done) => setTimeout(done, POLL));
      const found = await get(`/reports/${id}`).catch((error) => (error.status === 404 ? null : this.upload)); // null: deleted; what else fails is asked for again
      if (this.upload?.id !== id) return; // files that were added meanwhile
      if (!found) return this.empty();
      this.upload = found;
      this.show();
    }
  }

  sending(files, share) {
    this.root.classList.add("taken");
    const bar = el("progress", { class: "meter", max: 1, value: share, "aria-label": t("upload.sending") });
    const stop = el("button", { type: "button", class: "link", onclick: () => this.stop.abort() }, t("cancel"));
    put(this.box, el("p", {}, el("b", {}, names(files))), el("div", { class: "bar-line" }, bar, el("span", { class: "tabular" }, percent(share, 0)), stop));
  }

  show() {
    this.root.classList.toggle("taken", Boolean(this.upload));
    this.root.classList.toggle("ready", Boolean(this.usable && this.upload.state === "done"));
    put(this.box, summary(this.upload, this));
    this.changed();
  }

  empty() {
    this.upload = null;
    this.again.value = "";
    this.show();
    $("#files-input").focus();
  }
}

const unreadable = (held) => (held && !OPEN.includes(held.state) ? held.files.filter((one) => one.usable !== true).map((one) => one.id) : []);

const names = (files) => (files.length > 1 ? t("upload.several", { name: files[0].name, n: files.length - 1 }) : files[0].name);

function refusal(files, error) {
  return el("div", { class: "notice bad", role: "alert" }, files.length ? el("p", {}, el("b", {}, names(files))) : null, el("p", {}, error.message));
}
