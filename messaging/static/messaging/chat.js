// The citizen's conversation: place in the queue, who joined, how it ended, each as the server words it.
import { live } from "../journal/live.js";
import { Bell } from "./bell.js";
import { Thread } from "./thread.js";

const EVERY = { waiting: 8000, open: 25000 };

export class Chat {
  constructor(root) {
    this.root = root;
    this.thread = new Thread(root);
    this.bell = new Bell(root.querySelector("[data-sound]"));
    this.thread.addEventListener("changed", () => this.refresh());
    this.thread.addEventListener("heard", () => (document.hidden || !document.hasFocus()) && this.bell.ring());
    this.seen = () => document.hidden || this.refresh();
    document.addEventListener("visibilitychange", this.seen);
    this.thread.start();
    this.plan();
  }

  // Another page takes its place.
  stop() {
    clearTimeout(this.timer);
    this.stopped = true;
    document.removeEventListener("visibilitychange", this.seen);
    this.thread.stop();
  }

  async refresh() {
    clearTimeout(this.timer);
    const answer = await live.load(this.root.dataset.stateUrl).catch(() => null);
    if (answer?.ok && !this.stopped) this.show(live.prepare(new DOMParser().parseFromString(await answer.text(), "text/html")));
    this.plan();
  }

  show(page) {
    for (const name of ["top", "after"]) {
      const [old, fresh] = [this.root.querySelector(`[data-part=${name}]`), page.querySelector(`[data-part=${name}]`)];
      // Somebody writes in it, or nothing is new: it stays.
      const written = old.contains(document.activeElement) && document.activeElement.matches("textarea, input");
      if (fresh && !written && !same(old, fresh)) old.replaceWith(document.adoptNode(fresh));
    }
    const top = this.root.querySelector("[data-part=top]");
    this.root.dataset.status = top.dataset.status;
    this.thread.form.hidden = top.dataset.canSay !== "1";
  }

  plan() {
    clearTimeout(this.timer);
    const every = EVERY[this.root.dataset.status];
    if (every && !this.stopped) this.timer = setTimeout(() => this.refresh(), every);
  }
}

// Apart from the form tokens, which differ each time.
function same(one, other) {
  const plain = (node) => node.innerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "").replace(/\s+/g, " ").trim();
  return plain(one) === plain(other) && one.dataset.status === other.dataset.status;
}

const here = document.querySelector("main [data-talk]");
if (here) new Chat(here);
