// One conversation on a page: shows what comes, keeps what is written until the server has it, never shows it twice.
import { live } from "../journal/live.js";
import { Attach } from "./attach.js";
import { Changes } from "./changes.js";
import { Unsent, tab } from "./keep.js";
import { Lines } from "./lines.js";

const TYPING_EVERY = 3000;
const TYPING_SHOWN = 5000;
const OVERTAKEN = 1000;
// What only the server shows as it should be: files, what is answered to, and web addresses.
const isRich = (data) => data.files || data.quotes || /https?:\/\//i.test(data.text);

export class Thread extends EventTarget {
  constructor(root) {
    super();
    this.root = root;
    this.stream = root.dataset.stream;
    this.side = root.dataset.side;
    this.list = root.querySelector("[data-thread]");
    this.scroll = root.querySelector("[data-scroll]");
    this.form = root.querySelector("[data-composer]");
    this.input = root.querySelector("[data-say]");
    this.bubble = root.querySelector("template[data-bubble]");
    this.typing = root.querySelector("[data-typing]");
    this.heardAt = 0;
    this.notice = root.querySelector("[data-thread-notice]");
    this.voice = root.dataset.voice;
    this.unsent = new Unsent(this.stream);
    this.read = Number(this.list.dataset.read);
    this.readByMe = 0;
    this.sending = Promise.resolve();
    const zone = { timeZone: root.dataset.timeZone };
    this.clock = new Intl.DateTimeFormat("en-GB", { ...zone, hour: "2-digit", minute: "2-digit" });
    this.isoDay = new Intl.DateTimeFormat("en-CA", { ...zone, year: "numeric", month: "2-digit", day: "2-digit" });
    this.day = new Intl.DateTimeFormat(root.dataset.language, { ...zone, dateStyle: "long" });
  }

  start() {
    this.toEnd();
    this.scroll.addEventListener("scroll", () => (this.atEnd = this.isAtEnd()), { passive: true });
    // A picture takes its room when it comes; its news goes down to it and not up.
    this.list.addEventListener("load", () => this.atEnd && this.toEnd(), true);
    // Nor does the last word vanish when a turned phone, a longer draft or a smaller window leaves less room.
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.scroll);
    this.wireComposer();
    this.lines = new Lines(this);
    this.stop = live.follow(this.stream, Number(this.root.dataset.after), (entries) => this.take(entries), {
      onReset: () => location.reload(),
      onGone: () => this.gone(),
      onTyping: (frame) => this.showTyping(frame),
      epoch: this.root.dataset.epoch,
    });
    this.resume();
    document.addEventListener("visibilitychange", () => this.markRead());
    window.addEventListener("focus", () => this.markRead());
    this.markRead();
  }

  // What comes

  take(entries) {
    const atEnd = this.isAtEnd();
    let other = false;
    for (const entry of entries) {
      if (entry.kind === "message.edited" || entry.kind === "message.deleted") this.lines.renew(entry.data.seq);
      else if (entry.kind === "message.said") other = this.takeMessage(entry) || other;
      else if (entry.kind === "talk.read") this.takeRead(entry);
      else this.takeChange(entry);
    }
    if (atEnd) this.toEnd();
    if (other) {
      this.typing.hidden = true;
      this.heardAt = Date.now();
      this.dispatchEvent(new CustomEvent("heard"));
      this.markRead();
    }
  }

  takeMessage(entry) {
    if (this.list.querySelector(`[data-seq="${entry.seq}"]`)) return false;
    const mine = entry.data.side === this.side;
    const shown = mine && this.pending(entry.data.key);
    if (shown) this.settle(shown, entry.seq, entry.at);
    else this.insert(this.build(entry.data.text, { mine, name: entry.data.name, at: entry.at, seq: entry.seq, key: entry.data.key }), entry.seq);
    if (mine) this.unsent.drop(entry.data.key);
    if (isRich(entry.data)) this.lines.renew(entry.seq);
    return !mine;
  }

  takeRead(entry) {
    if (entry.data.side === this.side) return;
    this.read = Math.max(this.read, entry.data.seq);
    for (const line of this.list.querySelectorAll(".bubble-mine[data-seq]")) {
      line.classList.toggle("is-read", Number(line.dataset.seq) <= this.read);
    }
  }

  tell(words) {
    this.typing.hidden = true;
    this.notice.textContent = words;
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => (this.notice.textContent = ""), 8000);
  }

  // What is no message is worded by the server, in the reader's language.
  async takeChange(entry) {
    this.dispatchEvent(new CustomEvent("changed", { detail: entry }));
    await this.lines.insist(`after=${entry.seq - 1}`);
  }

  // Bubbles

  build(text, { mine, name, at, seq, key }) {
    const item = this.bubble.content.firstElementChild.cloneNode(true);
    item.classList.toggle("bubble-mine", mine);
    item.dataset.side = mine ? this.side : "other";
    if (mine && this.voice) item.dataset.own = "";
    if (key) item.dataset.key = key;
    if (seq) item.dataset.seq = seq;
    if (name && !mine) {
      item.querySelector(".who").hidden = false;
      item.querySelector(".who strong").textContent = name;
    }
    item.querySelector("[data-who-hidden]").textContent = mine ? this.root.dataset.textYou : this.root.dataset.textOther;
    item.querySelector(".prose").textContent = text;
    this.setTime(item, at);
    return item;
  }

  setTime(item, at) {
    const moment = new Date(at);
    item.dataset.at = moment.toISOString();
    const time = item.querySelector("time");
    time.dateTime = moment.toISOString();
    time.textContent = this.clock.format(moment);
  }

  // In the order of the numbers; what has none yet (it is being sent) stays last.
  insert(item, seq) {
    const later = [...this.list.querySelectorAll("[data-seq]")].find((line) => Number(line.dataset.seq) > seq);
    const before = later ?? this.list.querySelector(":is(.is-sending, .is-failed):not([data-seq])");
    this.list.insertBefore(item, before ?? null);
    this.separateDay(item);
    this.dressed(item);
  }

  // A line that has its number can be answered to.
  dressed(item) {
    if (item.dataset.seq) item.id = `m-${item.dataset.seq}`;
    if (item.matches(".bubble[data-seq]")) this.changes?.wire(item);
    this.changes?.rove();
    this.dispatchEvent(new CustomEvent("line", { detail: item }));
  }

  separateDay(item) {
    const moment = new Date(item.querySelector("time").dateTime);
    const day = this.isoDay.format(moment);
    if (this.list.querySelector(`.day[data-day="${day}"]`)) return;
    const line = document.createElement("li");
    line.className = "day";
    line.dataset.day = day;
    line.append(Object.assign(document.createElement("span"), { textContent: this.day.format(moment) }));
    this.list.insertBefore(line, item);
  }

  pending(key) {
    return this.list.querySelector(`[data-key="${CSS.escape(key)}"]:not([data-seq])`);
  }

  // The server has it: it takes its place among the others.
  settle(item, seq, at) {
    item.classList.remove("is-sending", "is-failed");
    item.dataset.seq = seq;
    this.setTime(item, at);
    item.classList.toggle("is-read", seq <= this.read);
    item.remove();
    this.insert(item, seq);
  }

  // What is said

  wireComposer() {
    if (!this.form) return;
    this.attach = new Attach(this.root, this.form);
    this.changes = new Changes(this);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("keydown", (event) => {
      // Enter also ends the choice of a Chinese word; that is not sending.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    });
    const draft = `openhall.draft.${this.stream}`;
    this.input.value ||= tab.get(draft) ?? "";
    // What was typed before this script came is a draft, too.
    if (this.input.value) tab.set(draft, this.input.value);
    this.input.addEventListener("input", () => {
      tab.set(draft, this.input.value);
      this.grow();
      const now = Date.now();
      if (this.input.value && now - (this.typedAt ?? 0) > TYPING_EVERY) {
        this.typedAt = now;
        live.typing(this.stream);
      }
    });
    this.dropDraft = () => tab.drop(draft);
    this.grow();
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
  }

  // Put into the send box as if it had been typed.
  write(text) {
    this.input.value = text;
    this.dropDraft();
    this.grow();
  }

  async submit() {
    const text = this.input.value.trim();
    if (this.form.hidden || this.submitting || (!text && !this.attach.any)) return;
    if (this.changes.editing) {
      if (text) await this.changes.edit(text);
      return;
    }
    let files = [];
    if (this.attach.any) {
      this.submitting = true;
      files = await this.attach.take().finally(() => (this.submitting = false));
      if (!text && !files.length) return;
    }
    const extra = { ...this.changes.takeQuote(), ...(files.length ? { files: files.map((file) => file.key) } : {}) };
    const message = { key: live.newKey(), text, at: new Date().toISOString(), extra, names: files.map((file) => file.name) };
    this.unsent.add(message);
    // What was typed while the files went up belongs to the next message.
    if (this.input.value.trim() === text) this.write("");
    this.input.focus();
    this.send(message);
    this.toEnd();
  }

  // What an earlier load of this page could not hand over goes first, in its order.
  resume() {
    for (const message of this.unsent.all()) {
      if (this.list.querySelector(`[data-key="${CSS.escape(message.key)}"][data-seq]`)) this.unsent.drop(message.key);
      else this.send(message);
    }
    this.toEnd();
  }

  send(message) {
    const item = this.pending(message.key) ?? this.build([message.text, ...(message.names ?? [])].filter(Boolean).join("\n"), { mine: true, at: message.at, key: message.key });
    item.classList.remove("is-failed");
    item.classList.add("is-sending");
    this.list.append(item);
    this.separateDay(item);
    // One after the other: the order in which they were written is the order in which they are said.
    this.sending = this.sending.then(() => this.handOver(item, message));
    return this.sending;
  }

  async handOver(item, message) {
    try {
      const { seq, at } = await live.say(this.stream, message.key, message.text, message.extra);
      this.unsent.drop(message.key);
      const already = this.list.querySelector(`[data-seq="${seq}"]`);
      if (already && already !== item) item.remove();
      else if (!item.dataset.seq) {
        this.settle(item, seq, at);
        // Who came first, the answer or the entry, has it worded.
        if (isRich({ text: message.text, ...message.extra })) this.lines.renew(seq);
      }
    } catch (error) {
      this.fail(item, message, error);
    }
  }

  fail(item, message, error) {
    this.unsent.drop(message.key);
    item.classList.remove("is-sending");
    item.classList.add("is-failed");
    item.querySelector("[data-reason]").textContent = error?.message || this.root.dataset.textFailed;
    const again = item.querySelector("[data-again]");
    again.onclick = () => {
      this.unsent.add(message);
      this.send(message);
    };
    item.querySelector("[data-drop]").onclick = () => item.remove();
  }

  // Read, typing, connection

  markRead() {
    if (document.hidden || !document.hasFocus()) return;
    const theirs = [...this.list.querySelectorAll(`.bubble[data-seq]:not(.bubble-mine)`)].at(-1);
    const seq = theirs ? Number(theirs.dataset.seq) : 0;
    if (seq <= this.readByMe) return;
    this.readByMe = seq;
    live.read(this.stream, seq);
    this.dispatchEvent(new CustomEvent("read"));
  }

  showTyping(frame) {
    // One's own fingers, in this tab or another; and those of a message that has overtaken the news of them.
    if (frame?.by?.key === this.root.dataset.me || Date.now() - this.heardAt < OVERTAKEN) return;
    this.typing.hidden = false;
    if (this.isAtEnd()) this.toEnd();
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => (this.typing.hidden = true), TYPING_SHOWN);
  }

  gone() {
    this.isGone = true;
    if (this.form) this.form.hidden = true;
    const shown = this.root.querySelector("[data-typing]");
    shown.hidden = false;
    shown.textContent = this.root.dataset.textGone;
    this.dispatchEvent(new CustomEvent("gone"));
  }

  isAtEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 80;
  }

  toEnd() {
    this.atEnd = true;
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }
}
