// Beside the talk: pages that may help, and prepared answers by "/" and their short name.
import { live } from "../journal/live.js";
import { choosesWord } from "./keys.js";

export class Suggestions {
  constructor(root, thread) {
    this.root = root;
    this.thread = thread;
    root.addEventListener("click", (event) => {
      const cite = event.target.closest("[data-cite]");
      if (cite) this.insert(`${cite.dataset.cite} ${new URL(cite.dataset.citeUrl, location.href)} `);
    });
    this.dress();
  }

  dress() {
    for (const cite of this.root.querySelectorAll("[data-cite]")) cite.hidden = !this.thread.input || this.thread.form.hidden;
  }

  insert(text) {
    const { input } = this.thread;
    input.setRangeText(text, input.selectionStart, input.selectionEnd, "end");
    input.dispatchEvent(new Event("input"));
    input.focus();
  }

  // The citizen has written: other pages may fit now.
  renew() {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      const answer = await live.load(this.root.dataset.url).catch(() => null);
      if (!answer?.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-part=suggestions]");
      const old = this.root.querySelector("[data-part=suggestions]");
      if (fresh && fresh.innerHTML !== old.innerHTML && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(fresh));
      this.dress();
    }, 600);
  }
}

// "/lift" in the send box: a list of what begins so, chosen by arrows and Enter, put in place of the word.
export class Shortcuts {
  constructor(input, replies, list) {
    Object.assign(this, { input, replies, list, shown: [], at: 0 });
    list.id ||= "shortcuts";
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-autocomplete", "list");
    input.addEventListener("input", () => this.look());
    input.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
    // In the capture phase: Enter chooses here before it could send.
    input.addEventListener("keydown", (event) => this.key(event), true);
  }

  get word() {
    return /(?:^|[^\p{L}\p{N}:/])\/([\p{L}\p{N}_-]*)$/u.exec(this.input.value.slice(0, this.input.selectionStart))?.[1];
  }

  look() {
    const { word } = this;
    if (word === undefined) return this.hide();
    const low = word.toLowerCase();
    const fits = (reply) => reply.dataset.word.startsWith(low) || (low && reply.dataset.title.toLowerCase().includes(low));
    this.shown = this.replies.filter(fits).slice(0, 6);
    if (!this.shown.length) return this.hide();
    this.at = 0;
    this.list.replaceChildren(...this.shown.map((reply, index) => this.option(reply, index)));
    this.list.hidden = false;
    this.mark();
  }

  option(reply, index) {
    const item = document.createElement("li");
    item.role = "option";
    item.id = `${this.list.id}-${index}`;
    const word = Object.assign(document.createElement("strong"), { textContent: reply.dataset.word ? `/${reply.dataset.word}` : reply.dataset.title });
    item.append(word, ` ${reply.dataset.text.slice(0, 70)}`);
    item.addEventListener("mousedown", (event) => (event.preventDefault(), this.choose(index)));
    return item;
  }

  mark() {
    [...this.list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === this.at)));
    this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
  }

  key(event) {
    if (this.list.hidden || choosesWord(event)) return;
    const { length } = this.shown;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (moves[event.key]) this.at = (this.at + moves[event.key] + length) % length;
    else if (event.key === "Enter" || event.key === "Tab") this.choose(this.at);
    else if (event.key === "Escape") this.hide();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!this.list.hidden) this.mark();
  }

  choose(index) {
    const end = this.input.selectionStart;
    this.input.setRangeText(this.shown[index].dataset.text, end - this.word.length - 1, end, "end");
    this.hide();
    this.input.dispatchEvent(new Event("input"));
    this.input.focus();
  }

  hide() {
    this.list.hidden = true;
    this.input.removeAttribute("aria-activedescendant");
  }
}
