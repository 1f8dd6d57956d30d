// The page's one live connection: follows streams, says things exactly once, falls back to long polls by itself.
//
//   import {live} from "./live.js";
//   const stop = live.follow("talk-7", 12, (entries) => …, {epoch, onReset, onGone, onTyping, onPresence, onWhisper});
//   await live.say("talk-7", live.newKey(), "Hello");      // {seq, at}; repeated under the same key until answered
//
// Elements <section data-stream="case-…" data-after="3" data-epoch="…" data-live="reload-fragment"
// data-fragment="/url/"> are kept fresh without further script; [data-live-state] shows how we are connected.

const GOT_EVERY = 64;
const GOT_MS = 15000;
const SILENT_MS = 45000; // heads come every 25 s
const ANSWER_MS = 12000;
const POLL_SECONDS = 20;
const RETRY_SOCKET_MS = 60000;
const KEPT = "openhall.unsaid";
const PASSING = ["unavailable", "too_many", "closed", "network"];

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
// Full jitter: after a restart, thousands of pages must not come back in the same second.
const backoff = (tries) => 300 + Math.random() * Math.min(20000, 500 * 2 ** Math.min(tries, 6));

class Refused extends Error {
  constructor({code = "refused", text = "", retry_after: after = 0} = {}) {
    super(text || code);
    this.code = code;
    this.after = after;
  }
}

class Live extends EventTarget {
  state = "offline";
  /** Sent with every request: a frame on another web site, which has no cookie, carries its pass here. */
  headers = {};
  #streams = new Map(); // name -> {last, epoch, handlers, polling}
  #socket = null;
  #opening = false;
  #asked = new Map(); // ref -> {resolve, reject}
  #unsaid = new Map(); // key -> {stream, key, text, extra, resolve, reject, busy}
  #reads = new Map(); // stream -> the furthest number that was read here and that the server may not know of
  #ref = 0;
  #tries = 0;
  #failures = 0;
  #recovered = false;
  #got = 0;
  #confirmed = 0;
  #heard = 0;
  #typed = new Map();
  #leaving = false;

  constructor() {
    super();
    setInterval(() => this.#tick(), 5000);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#wake());
    addEventListener("online", () => this.#wake());
    addEventListener("pageshow", (event) => event.persisted && this.#wake());
    addEventListener("pagehide", () => (this.#leaving = true));
    for (const kept of this.#kept()) this.#unsaid.set(kept.key, {...kept, resolve() {}, reject() {}});
    if (this.#unsaid.size) this.#connect();
  }

  /** Follow a stream after a number; returns a function that stops. `onEntries` gets new entries, in order, once. */
  follow(stream, after, onEntries, options = {}) {
    const handler = {onEntries, last: Number(after) || 0, ...options};
    let followed = this.#streams.get(stream);
    if (followed) {
      followed.handlers.add(handler);
      if (handler.last < followed.last) followed.last = handler.last;
    } else {
      followed = {last: handler.last, epoch: options.epoch || "", handlers: new Set([handler]), polling: false};
      this.#streams.set(stream, followed);
    }
    if (this.#isOpen()) this.#followNow(stream);
    else if (this.state === "polling") this.#poll(stream);
    else this.#connect();
    return () => {
      followed.handlers.delete(handler);
      if (followed.handlers.size || this.#streams.get(stream) !== followed) return;
      this.#streams.delete(stream);
      if (this.#isOpen()) this.#ask({do: "unfollow", stream}).catch(() => {});
    };
  }

  /** Say something; resolves with {seq, at} once it is stored. Repeats the same key until the server has answered. */
  say(stream, key, text, extra = {}) {
    return new Promise((resolve, reject) => {
      this.#unsaid.set(key, {stream, key, text, extra, resolve, reject, busy: false});
      this.#keep();
      if (this.#isOpen() || this.state === "polling") this.#sayNow(key);
      else this.#connect();
    });
  }

  /** Tell the room how far this reader has read; repeated until the server has answered. */
  read(stream, seq) {
    this.#reads.set(stream, Math.max(seq, this.#reads.get(stream) || 0));
    return this.#readNow(stream);
  }

  /** Show the others that somebody writes here; at most every three seconds, and lossy. */
  typing(stream) {
    const now = Date.now();
    if (!this.#isOpen() || now - (this.#typed.get(stream) || 0) < 3000) return;
    this.#typed.set(stream, now);
    this.#send({do: "typing", stream});
  }

  /** Fetch a page or fragment of the house as the one this connection speaks for. */
  load(url, options = {}) {
    return fetch(url, {credentials: "same-origin", ...options, headers: {Accept: "text/html", ...this.headers, ...options.headers}});
  }

  /** Make a fetched part of a page fit to be shown here; a frame without cookies has its own way with pictures. */
  prepare(part) {
    return part;
  }

  /** POST JSON to the house; resolves with its answer. */
  post(url, body) {
    return this.#post(url, body);
  }

  /** Return a fresh key for a message: the time, so that the keys of one hour lie together, and 80 random bits. */
  newKey() {
    const hex = (number, digits) => number.toString(16).padStart(digits, "0");
    const random = crypto.getRandomValues(new Uint8Array(10));
    return hex(Date.now(), 12) + Array.from(random, (byte) => hex(byte, 2)).join("");
  }

  // The socket

  #isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  // Where no cookie travels, a ticket opens the socket; it is fetched with the pass.
  async #door() {
    if (!this.headers["X-Openhall-Pass"]) return "";
    const {ticket} = await this.#post("/api/v1/ticket", {});
    return `?ticket=${ticket}`;
  }

  async #connect() {
    if (this.#opening || this.#isOpen() || this.#leaving) return;
    this.#opening = true;
    let opened = false;
    let socket;
    try {
      socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/${await this.#door()}`);
    } catch {
      // Some browsers in locked-down offices refuse even to try.
      this.#opening = false;
      this.#closed(false, 1006);
      return;
    }
    this.#socket = socket;
    socket.onopen = () => {
      opened = true;
      this.#opening = false;
      this.#heard = Date.now();
      this.#got = this.#confirmed = 0;
      for (const stream of this.#streams.keys()) this.#followNow(stream);
      for (const key of this.#unsaid.keys()) this.#sayNow(key);
      for (const stream of this.#reads.keys()) this.#readNow(stream);
      this.#show("live");
    };
    socket.onmessage = (event) => this.#hear(event.data);
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#opening = false;
      for (const {reject} of this.#asked.values()) reject(new Refused({code: "closed"}));
      this.#asked.clear();
      this.#closed(opened, event.code);
    };
  }

  async #closed(opened, code) {
    if (this.#leaving) return;
    this.#tries += 1;
    this.#failures = opened && code !== 4429 ? 0 : this.#failures + 1;
    // Blocked by a proxy, or too many tabs open: go on without, and try again now and then.
    if (this.#failures >= 2 || code === 4429) {
      this.#show("polling");
      for (const stream of this.#streams.keys()) this.#poll(stream);
      for (const key of this.#unsaid.keys()) this.#sayNow(key);
      for (const stream of this.#reads.keys()) this.#readNow(stream);
      this.#recovered = false;
      const until = Date.now() + RETRY_SOCKET_MS * (0.7 + Math.random() * 0.6);
      while (Date.now() < until && !this.#recovered) await wait(500);
      if (this.#recovered) await wait(backoff(0));
    } else {
      if (this.state !== "polling") this.#show("offline");
      await wait(backoff(this.#tries));
    }
    this.#connect();
  }

  #send(frame) {
    if (this.#isOpen()) this.#socket.send(JSON.stringify(frame));
  }

  #ask(command) {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen()) {
        reject(new Refused({code: "closed"}));
        return;
      }
      const ref = ++this.#ref;
      const socket = this.#socket;
      this.#asked.set(ref, {resolve, reject});
      this.#send({...command, ref});
      // Half-open: the network forgot this connection without telling anybody.
      setTimeout(() => this.#asked.has(ref) && this.#socket === socket && this.#drop(), ANSWER_MS);
    });
  }

  #drop() {
    const socket = this.#socket;
    if (!socket) return;
    // A half-open socket takes long to say that it closed: act on it now.
    const closed = socket.onclose;
    closed?.({code: 1006});
    socket.onclose = socket.onmessage = null;
    socket.close();
  }

  #tick() {
    if (this.#isOpen() && Date.now() - this.#heard > SILENT_MS) this.#drop();
    if (this.#got > this.#confirmed && Date.now() - this.#gotAt > GOT_MS) this.#confirm();
  }

  #wake() {
    this.#leaving = false;
    this.#tries = 0;
    if (this.#isOpen()) this.#ask({do: "ping"}).catch(() => {});
    else if (this.#streams.size || this.#unsaid.size) this.#connect();
  }

  // What the server says

  #gotAt = 0;

  #confirm() {
    this.#confirmed = this.#got;
    this.#gotAt = Date.now();
    this.#send({do: "got", n: this.#got});
  }

  #hear(text) {
    this.#heard = Date.now();
    this.#tries = 0;
    this.dispatchEvent(new Event("heard"));
    const frames = [JSON.parse(text)].flat();
    const entries = frames.filter((one) => one.kind);
    if (entries.length) {
      this.#deliver(entries);
      if (this.#got === this.#confirmed) this.#gotAt = Date.now();
      this.#got += entries.length;
      if (this.#got - this.#confirmed >= GOT_EVERY) this.#confirm();
    }
    for (const frame of frames) if (!frame.kind) this.#told(frame);
  }

  #told(frame) {
    if (frame.ref !== undefined) this.#answered(frame);
    else if (frame.head) this.#heads(frame.head);
    else if (frame.reset) this.#followNow(frame.reset);
    else if (frame.gone) this.#gone(frame.gone);
    else if (frame.typing) this.#tell(frame.typing.stream, "onTyping", frame.typing);
    else if (frame.presence) this.#tell(frame.presence.stream, "onPresence", frame.presence);
    else for (const [kind, said] of Object.entries(frame)) if (said?.stream) this.#tell(said.stream, "onWhisper", {kind, ...said});
  }

  #answered({ref, ok, error}) {
    const asked = this.#asked.get(ref);
    this.#asked.delete(ref);
    if (ok) asked?.resolve(ok);
    else asked?.reject(new Refused(error));
  }

  #deliver(entries) {
    const byStream = new Map();
    for (const entry of entries) {
      const followed = this.#streams.get(entry.stream);
      if (!followed) continue;
      if (!byStream.has(entry.stream)) byStream.set(entry.stream, []);
      byStream.get(entry.stream).push(entry);
      followed.last = Math.max(followed.last, entry.seq);
    }
    for (const [stream, several] of byStream) {
      for (const handler of [...this.#streams.get(stream).handlers]) {
        // Each handler has its own place: nothing twice, whatever is sent again.
        const fresh = several.filter((entry) => entry.seq > handler.last);
        if (!fresh.length) continue;
        handler.last = fresh.at(-1).seq;
        this.#safely(() => handler.onEntries(fresh));
      }
    }
  }

  #heads(heads) {
    for (const [stream, head] of Object.entries(heads)) {
      const followed = this.#streams.get(stream);
      if (followed && head > followed.last) this.#followNow(stream);
    }
  }

  #tell(stream, name, value) {
    for (const handler of this.#streams.get(stream)?.handlers || []) this.#safely(() => handler[name]?.(value));
  }

  #gone(stream) {
    const handlers = [...(this.#streams.get(stream)?.handlers || [])];
    this.#streams.delete(stream);
    for (const handler of handlers) this.#safely(() => handler.onGone?.(stream));
  }

  #safely(work) {
    try {
      work();
    } catch (error) {
      console.error(error);
    }
  }

  async #followNow(stream) {
    const followed = this.#streams.get(stream);
    if (!followed) return;
    try {
      const answer = await this.#ask({do: "follow", stream, after: followed.last, epoch: followed.epoch || undefined});
      if (answer.reset) await this.#reset(stream, answer);
      else followed.epoch = answer.epoch;
    } catch (error) {
      if (error.code === "not_found") this.#gone(stream);
      else if (PASSING.includes(error.code) && this.#isOpen()) setTimeout(() => this.#followNow(stream), 3000);
    }
  }

  async #reset(stream, {head, epoch}) {
    const followed = this.#streams.get(stream);
    if (!followed) return;
    const handlers = [...followed.handlers];
    if (!handlers.every((handler) => handler.onReset)) {
      this.#reload();
      return;
    }
    Object.assign(followed, {last: head, epoch});
    for (const handler of handlers) handler.last = head;
    await Promise.all(handlers.map((handler) => handler.onReset(stream)));
    if (this.#isOpen()) this.#followNow(stream);
  }

  #reload() {
    const before = Number(sessionStorage.getItem("openhall.reloaded") || 0);
    if (Date.now() - before < 30000) return;
    sessionStorage.setItem("openhall.reloaded", String(Date.now()));
    location.reload();
  }

  // Saying

  async #sayNow(key) {
    const saying = this.#unsaid.get(key);
    if (!saying || saying.busy) return;
    saying.busy = true;
    const {stream, text, extra} = saying;
    try {
      const answer = this.#isOpen()
        ? await this.#ask({do: "say", stream, key, text, ...extra})
        : await this.#post(`/api/v1/streams/${stream}/entries`, {key, text, ...extra});
      this.#said(key);
      saying.resolve(answer);
    } catch (error) {
      saying.busy = false;
      if (!PASSING.includes(error.code)) {
        this.#said(key);
        saying.reject(error);
      } else if (this.#isOpen() || this.state === "polling") {
        // Not known whether it was stored: the same key makes the repeat harmless.
        setTimeout(() => this.#sayNow(key), error.after ? error.after * 1000 : backoff(2));
      }
    }
  }

  async #readNow(stream) {
    const seq = this.#reads.get(stream);
    if (seq === undefined) return;
    try {
      if (this.#isOpen()) await this.#ask({do: "read", stream, seq});
      else await this.#post(`/api/v1/streams/${stream}/read`, {seq});
    } catch (error) {
      if (PASSING.includes(error.code)) {
        // Offline: the next connection tells it.
        if (this.#isOpen() || this.state === "polling") setTimeout(() => this.#readNow(stream), error.after * 1000 || 3000);
        return;
      }
    }
    if (this.#reads.get(stream) === seq) this.#reads.delete(stream);
  }

  #said(key) {
    this.#unsaid.delete(key);
    this.#keep();
  }

  #keep() {
    const sayings = [...this.#unsaid.values()].map(({stream, key, text, extra}) => ({stream, key, text, extra}));
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(sayings));
    } catch {
      // Full or forbidden: a reload in this very moment would lose what is unsaid, nothing else.
    }
  }

  #kept() {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT) || "[]");
    } catch {
      return [];
    }
  }

  // Without a socket

  async #poll(stream) {
    const followed = this.#streams.get(stream);
    if (!followed || followed.polling) return;
    followed.polling = true;
    let tries = 0;
    while (!this.#isOpen() && !this.#leaving && this.#streams.get(stream) === followed) {
      try {
        const query = new URLSearchParams({after: followed.last, epoch: followed.epoch, wait: tries ? 0 : POLL_SECONDS});
        const answer = await this.#fetch(`/api/v1/streams/${stream}/entries?${query}`);
        // Not the socket was blocked but the whole server was away, and it is back.
        this.#recovered ||= tries > 0;
        tries = 0;
        this.#showWithout("polling");
        this.dispatchEvent(new Event("heard"));
        if (answer.reset) await this.#reset(stream, answer);
        else {
          followed.epoch = answer.epoch;
          this.#deliver(answer.entries);
        }
      } catch (error) {
        if (error.code === "not_found") this.#gone(stream);
        else {
          tries += 1;
          this.#showWithout("offline");
          await wait(error.after ? error.after * 1000 : backoff(tries));
        }
      }
    }
    followed.polling = false;
  }

  #post(url, body) {
    const token = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] || "";
    const headers = {"Content-Type": "application/json", "X-CSRFToken": token, ...this.headers};
    return this.#fetch(url, {method: "POST", headers, body: JSON.stringify(body)});
  }

  async #fetch(url, options = {}) {
    let response;
    try {
      response = await fetch(url, {credentials: "same-origin", headers: this.headers, ...options});
    } catch {
      throw new Refused({code: "network"});
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const after = Number(response.headers.get("Retry-After")) || 0;
    const code = response.status >= 500 ? "unavailable" : response.status === 429 ? "too_many" : "refused";
    throw new Refused({code, retry_after: after, ...(typeof answer.error === "object" ? answer.error : {})});
  }

  // A long poll that was still out when the socket opened has nothing to say of how we are connected.
  #showWithout(state) {
    if (!this.#isOpen()) this.#show(state);
  }

  #show(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}

export const live = new Live();

// Server-rendered pages that keep themselves fresh

const UNSENT = "input:not([type=hidden]), textarea, select";

function isBeingFilledIn(element) {
  return [...element.querySelectorAll(UNSENT)].some((field) =>
    ["checkbox", "radio"].includes(field.type)
      ? field.checked !== field.defaultChecked
      : field.tagName === "SELECT"
        ? [...field.options].some((option) => option.selected !== option.defaultSelected && option.defaultSelected)
        : field.value !== field.defaultValue,
  );
}

async function replaceFragment(element) {
  const response = await fetch(element.dataset.fragment || location.href, {
    credentials: "same-origin",
    headers: {"X-Fragment": "1"},
  });
  if (!response.ok) return response.status < 500;
  if (isBeingFilledIn(element)) return false;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const found =
    (element.id && page.getElementById(element.id)) ||
    page.querySelector(`[data-stream="${CSS.escape(element.dataset.stream)}"]`) ||
    page.body;
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  const scrolled = [element, ...element.querySelectorAll("[id]")].filter((part) => part.scrollTop);
  const places = scrolled.map((part) => [part.id, part.scrollTop]);
  element.replaceChildren(...found.childNodes);
  for (const [id, top] of places) {
    const part = id ? document.getElementById(id) : element;
    if (part) part.scrollTop = top;
  }
  if (focused) document.getElementById(focused)?.focus({preventScroll: true});
  window.htmx?.process(element);
  element.dispatchEvent(new CustomEvent("live:fragment", {bubbles: true}));
  return true;
}

function keepFresh(element) {
  let due = false;
  let busy = false;
  const refresh = async () => {
    due = true;
    if (busy) return;
    busy = true;
    while (due && element.isConnected) {
      due = false;
      await wait(120); // several entries of one step make one request
      // Whoever is writing in it keeps what they wrote; it is renewed when they have sent or left it.
      if (isBeingFilledIn(element) || !(await replaceFragment(element).catch(() => false))) {
        due = true;
        await wait(2000);
      }
    }
    busy = false;
  };
  return refresh;
}

function wire(element) {
  const fresh = element.dataset.live === "reload-fragment" ? keepFresh(element) : () => {};
  const after = (element.dataset.after || "").split(" ");
  const epochs = (element.dataset.epoch || "").split(" ");
  element.dataset.stream.split(" ").forEach((stream, index) => {
    const onEntries = (entries) => {
      element.dispatchEvent(new CustomEvent("live:entries", {bubbles: true, detail: entries}));
      fresh();
    };
    const options = {epoch: epochs[index] || "", onGone: fresh};
    if (element.dataset.live === "reload-fragment") options.onReset = fresh;
    live.follow(stream, after[index] || 0, onEntries, options);
  });
}

function showState() {
  for (const element of document.querySelectorAll("[data-live-state]")) {
    element.dataset.state = live.state;
    const words = element.dataset[live.state];
    if (words !== undefined) element.textContent = words;
    // Without words of its own for a state, the banner is for being offline only.
    element.hidden = words === undefined ? live.state !== "offline" : !words;
  }
}

let shown = 0;
live.addEventListener("state", () => {
  clearTimeout(shown);
  // A restart of the server that takes a second is nobody's worry.
  shown = setTimeout(showState, live.state === "offline" ? 3000 : 0);
});

for (const element of document.querySelectorAll("[data-stream][data-live]")) wire(element);
