// Answering to a message, changing and taking back one's own: one small row of buttons beneath it, by mouse, finger or key.
import { live } from "../journal/live.js";

export class Changes {
  constructor(thread) {
    this.thread = thread;
    this.root = thread.root;
    this.words = thread.root.dataset;
    this.about = thread.form.querySelector("[data-about]");
    this.target = null; // {act: "say" | "edit", seq}
    this.about.querySelector("[data-about-cancel]").addEventListener("click", () => this.cancel());
    thread.list.addEventListener("click", (event) => this.clicked(event));
    thread.list.addEventListener("keydown", (event) => this.key(event));
    for (const line of thread.list.querySelectorAll(".bubble[data-seq]")) this.wire(line);
    this.rove();
  }

  wire(line) {
    if (line.querySelector("[data-more]") || line.classList.contains("bubble-withdrawn")) return;
    const more = this.button("…", () => this.open(line));
    more.className = "bubble-more";
    more.dataset.more = "";
    more.tabIndex = -1;
    more.setAttribute("aria-label", this.words.textMore);
    more.setAttribute("aria-expanded", "false");
    line.querySelector(".when").append(more);
  }

  // One stop for the Tab key in the whole thread; arrows lead from message to message.
  rove() {
    const all = [...this.thread.list.querySelectorAll("[data-more]")];
    for (const more of all) more.tabIndex = more === all.at(-1) ? 0 : -1;
  }

  key(event) {
    if (!event.target.matches("[data-more]") || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    const all = [...this.thread.list.querySelectorAll("[data-more]")];
    const next = all[all.indexOf(event.target) + (event.key === "ArrowUp" ? -1 : 1)];
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  clicked(event) {
    const quoted = event.target.closest(".quoted a");
    if (!quoted) return;
    const line = document.getElementById(quoted.hash.slice(1));
    if (!line) return;
    event.preventDefault();
    line.scrollIntoView({ block: "center" });
    line.classList.add("is-found");
    setTimeout(() => line.classList.remove("is-found"), 1600);
  }

  button(words, work) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: words, onclick: work });
    button.className = "link";
    return button;
  }

  open(line) {
    const shown = line.querySelector("[data-acts]");
    this.close();
    if (shown) return;
    const acts = document.createElement("p");
    acts.className = "bubble-acts";
    acts.dataset.acts = "";
    acts.append(this.button(this.words.textReply, () => this.aim("say", line)));
    if (this.mayChange(line)) {
      if (line.querySelector(".prose")) acts.append(this.button(this.words.textEdit, () => this.aim("edit", line)));
      acts.append(this.button(this.words.textDelete, () => this.ask(line, acts)));
    }
    acts.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
      line.querySelector("[data-more]").focus();
    });
    line.append(acts);
    line.querySelector("[data-more]").setAttribute("aria-expanded", "true");
    acts.querySelector("button").focus();
    acts.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.thread.list.querySelector("[data-acts]")?.remove();
    this.thread.list.querySelector("[data-more][aria-expanded=true]")?.setAttribute("aria-expanded", "false");
  }

  mayChange(line) {
    if (!("own" in line.dataset) || this.thread.form.hidden) return false;
    const minutes = Number(this.words.changeMinutes);
    return this.words.changeMinutes === "" || Date.now() - new Date(line.querySelector("time").dateTime) < minutes * 60000;
  }

  ask(line, acts) {
    const sure = document.createElement("span");
    sure.textContent = this.words.textSure;
    const keep = this.button(this.words.textKeep, () => (this.close(), line.querySelector("[data-more]").focus()));
    acts.replaceChildren(sure, this.button(this.words.textDelete, () => this.change(line, "delete")), keep);
    keep.focus();
  }

  aim(act, line) {
    this.close();
    this.target = { act, seq: Number(line.dataset.seq), line };
    const text = line.querySelector(".prose")?.textContent ?? line.querySelector(".talk-file, .picture img")?.textContent ?? "";
    const said = act === "edit" ? this.words.textEditing : this.words.textAnswering;
    this.about.querySelector("[data-about-text]").textContent = `${said} ${text.slice(0, 80)}`;
    this.about.hidden = false;
    if (act === "edit") this.thread.write(text);
    this.thread.input.focus();
  }

  cancel() {
    if (this.target?.act === "edit") this.thread.write("");
    this.target = null;
    this.about.hidden = true;
    this.thread.input.focus();
  }

  // What a message being sent answers to; the send box is then free again.
  takeQuote() {
    const quotes = this.target?.act === "say" ? { quotes: this.target.seq } : {};
    if (this.target) {
      this.target = null;
      this.about.hidden = true;
    }
    return quotes;
  }

  get editing() {
    return this.target?.act === "edit" ? this.target : null;
  }

  async edit(text) {
    const { line } = this.editing;
    const before = line.querySelector(".prose").textContent;
    this.target = null;
    this.about.hidden = true;
    this.thread.write("");
    if (text !== before) await this.change(line, "edit", text);
  }

  async change(line, act, text = "") {
    this.close();
    // At once: when the answer comes, the reader may be somewhere else.
    this.thread.input.focus();
    line.classList.add("is-sending");
    try {
      await live.say(this.thread.stream, live.newKey(), text, { do: act, seq: Number(line.dataset.seq) });
      // Its entry has it worded anew, here as everywhere.
    } catch (error) {
      line.classList.remove("is-sending");
      if (act === "edit") this.thread.write(text);
      this.thread.tell(error?.message || this.words.textFailed);
    }
  }
}
