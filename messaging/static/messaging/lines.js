// The lines of a conversation as the server words them: rich ones, changed ones, what is no message, and earlier ones.
import { live } from "../journal/live.js";

export class Lines {
  constructor(thread) {
    this.thread = thread;
    this.renewing = new Map();
    this.wireEarlier();
  }

  // A line as the server words it now, in place of the one shown; also what answers to it. Nothing is done for lines
  // further up than the page goes: they will come as they are then.
  renew(seq) {
    for (const line of this.thread.list.querySelectorAll(`[data-seq="${seq}"], [data-quotes="${seq}"]`)) this.renewLine(line.dataset.seq);
  }

  // One question at a time for each line: of two, the older answer could come last and stay.
  async renewLine(seq) {
    const asked = this.renewing.get(seq);
    if (asked) {
      asked.again = true;
      return;
    }
    const asking = { again: false };
    this.renewing.set(seq, asking);
    do {
      asking.again = false;
      await this.insist(`only=${seq}`, true);
    } while (asking.again);
    this.renewing.delete(seq);
  }

  // Asked for until it is there: what was taken back must not stay on the screen because requests were lost.
  async insist(query, anew = false) {
    for (let tries = 0; (await this.fetch(query, anew)) === null && !this.thread.isGone; tries++) {
      await new Promise((done) => setTimeout(done, Math.min(500 * 2 ** tries, 20000)));
    }
  }

  async fetch(query, anew = false) {
    const answer = await live.load(`${this.thread.root.dataset.linesUrl}?${query}`).catch(() => null);
    if (answer && !answer.ok && answer.status < 500 && answer.status !== 429) return 0;
    const text = answer?.ok ? await answer.text().catch(() => null) : null;
    // Worth trying again; the line may also have broken in the middle of the answer.
    if (text === null) return null;
    const atEnd = this.thread.isAtEnd();
    const page = new DOMParser().parseFromString(`<ol>${text}</ol>`, "text/html");
    let added = 0;
    for (const line of live.prepare(page).querySelectorAll("li[data-seq]")) {
      const key = line.dataset.key;
      const shown = key && line.dataset.side === this.thread.side && this.thread.pending(key);
      if (shown) this.thread.settle(shown, Number(line.dataset.seq), line.querySelector("time").dateTime);
      const known = this.thread.list.querySelector(`[data-seq="${line.dataset.seq}"]`);
      if (known && (anew || shown)) {
        this.reword(known, line);
      } else if (!known) {
        this.thread.insert(line, Number(line.dataset.seq));
        added += 1;
      }
    }
    if (atEnd) this.thread.toEnd();
    return added;
  }

  // The line itself stays, and so do its buttons if they are open: somebody may be about to press one.
  reword(line, fresh) {
    const acts = fresh.matches(".bubble-withdrawn") ? null : line.querySelector("[data-acts]");
    const held = line.contains(document.activeElement) && !acts?.contains(document.activeElement);
    for (const { name } of [...line.attributes]) if (!fresh.hasAttribute(name)) line.removeAttribute(name);
    for (const { name, value } of fresh.attributes) line.setAttribute(name, value);
    for (const part of [...line.childNodes]) if (part !== acts) part.remove();
    line.prepend(...fresh.childNodes);
    this.thread.dressed(line);
    const more = line.querySelector("[data-more]");
    if (acts) more.setAttribute("aria-expanded", "true");
    if (held) more?.focus();
  }

  wireEarlier() {
    const button = this.thread.root.querySelector("[data-earlier]");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      const height = this.thread.scroll.scrollHeight;
      const first = this.thread.list.querySelector("[data-seq]");
      const added = await this.fetch(`before=${first.dataset.seq}`);
      // What was in front of the reader stays there.
      this.thread.scroll.scrollTop += this.thread.scroll.scrollHeight - height;
      if (added === 0 || this.thread.list.querySelector('[data-seq="1"]')) button.remove();
    });
  }
}
