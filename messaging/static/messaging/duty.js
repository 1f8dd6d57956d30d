// The duty desk: the queue moves by itself, waiting times grow, and most is one key away.
import { live } from "../journal/live.js";
import { Thread } from "./thread.js";
import { Bell } from "./bell.js";
import { Shortcuts, Suggestions } from "./beside.js";
import { choosesWord } from "./keys.js";
import { whispers } from "./whispers.js";

const desk = document.querySelector("[data-duty]");
const root = document.querySelector("[data-talk]");
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
const HERE_EVERY = 15000;
const followed = new Set();
const bell = new Bell(document.querySelector("[data-sound]"));
const thread = root ? new Thread(root) : null;
const left = () => desk.querySelector("[data-part=queue]");

// The left column

let asked = null;
function refresh() {
  asked ??= setTimeout(async () => {
    asked = null;
    const answer = await fetch(`${desk.dataset.queueUrl}?current=${encodeURIComponent(desk.dataset.current)}`).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-part=queue]");
    const focus = document.activeElement?.closest("[data-part=queue] [data-number]")?.dataset.number;
    left().replaceWith(document.adoptNode(fresh));
    if (focus) left().querySelector(`[data-number="${focus}"]`)?.focus();
    follow();
    count();
    grow();
  }, 150);
}

function follow() {
  for (const item of desk.querySelectorAll("[data-desk], [data-held]")) {
    const { stream, after } = item.dataset;
    if (followed.has(stream) || stream === root?.dataset.stream) continue;
    followed.add(stream);
    live.follow(stream, Number(after), (entries) => heard(stream, entries), { onGone: () => (followed.delete(stream), refresh()), onReset: () => location.reload() });
  }
}

function heard(stream, entries) {
  const said = entries.some((entry) => entry.kind === "message.said" && entry.data.side === "citizen");
  const came = entries.some((entry) => entry.kind === "desk.changed" && ["opened", "returned", "transferred"].includes(entry.data.what));
  if (said || came) bell.ring();
  refresh();
}

// The clock of this device may be wrong; the server's is what waiting is counted by.
let ahead = 0;
function grow() {
  const now = Date.now() - ahead;
  for (const time of left().querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((now - new Date(time.dataset.since)) / 1000));
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    time.closest(".wait").classList.toggle("wait-late", seconds > 180);
  }
}

function count() {
  const { unread, waiting, mine, now: told } = left().dataset;
  ahead = Date.now() - new Date(told);
  bell.count(Number(unread) + Number(waiting));
  const shown = Number(mine) ? "mine" : Number(waiting) ? "waiting" : "quiet";
  for (const words of desk.querySelectorAll("[data-when]")) words.hidden = words.dataset.when !== shown;
}

// The server sees an open socket by itself; a page without one says that it is there. Browsers let a page that nobody
// looks at run its timers once a minute, and after 45 s of silence an officer counts as gone: so with each answer, too.
let saidHere = performance.now();
async function here() {
  saidHere = performance.now();
  await fetch(desk.dataset.hereUrl, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => null);
}

// Canned replies go into the send box, to be looked at before they are sent.

const search = document.querySelector("[data-canned-search]");
const canned = [...document.querySelectorAll(".canned-reply")];
for (const reply of canned) {
  reply.addEventListener("click", () => {
    thread.input.setRangeText(reply.dataset.text, thread.input.selectionStart, thread.input.selectionEnd, "end");
    thread.input.dispatchEvent(new Event("input"));
    thread.input.focus();
  });
}
search?.addEventListener("input", () => {
  const words = search.value.trim().toLowerCase();
  for (const reply of canned) reply.parentElement.hidden = !`${reply.textContent} ${reply.dataset.text}`.toLowerCase().includes(words);
});
search?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || choosesWord(event)) return;
  event.preventDefault();
  canned.find((reply) => !reply.parentElement.hidden)?.click();
});

// Keys

function step(by) {
  const mine = [...desk.querySelectorAll("[data-held]")];
  if (!mine.length) return;
  const at = mine.findIndex((row) => row.dataset.number === desk.dataset.current);
  mine.at(at < 0 ? 0 : (at + by + mine.length) % mine.length).click();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  t: () => desk.querySelector("form.duty-row .button")?.click(),
  r: () => thread?.input?.focus(),
  "/": () => search?.focus(),
  h: () => document.querySelector("[data-others]")?.click(),
  c: () => document.querySelector("[data-case] .button")?.focus(),
  "?": () => document.getElementById("keys").togglePopover(),
};
document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && writing && !choosesWord(event)) event.target.blur();
  if (writing || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

// A page marks as read what it shows: one that nobody looks at waits with it. So does one on which somebody writes; what
// is in the send box is kept over a reload, what is in other fields and files under way are not.
function renewPage() {
  const fields = [...document.querySelectorAll(".duty-right form :is(input:not([type=hidden]), textarea)")];
  if (document.hidden || thread.attach?.any || fields.some((field) => field.value !== field.defaultValue)) setTimeout(renewPage, 1000);
  else location.reload();
}

whispers(() => bell.ring());
if (thread) {
  const [pages, shortcuts] = ["[data-suggestions]", "[data-shortcuts]"].map((name) => document.querySelector(name));
  if (thread.input) new Shortcuts(thread.input, canned, shortcuts);
  const suggestions = pages && new Suggestions(pages, thread);
  thread.addEventListener("heard", () => suggestions?.renew());
  // Who the citizen is, what may be done and how it ended are the server's words: the page is asked anew.
  thread.addEventListener("changed", (event) => {
    if (["talk.ended", "talk.returned", "talk.became_case", "talk.rated", "talk.joined", "talk.left", "talk.watched", "talk.unwatched"].includes(event.detail.kind)) renewPage();
  });
  thread.addEventListener("heard", () => {
    if (document.hidden) bell.ring();
    refresh();
  });
  thread.addEventListener("read", refresh);
  thread.addEventListener("gone", () => location.assign(desk.dataset.queueUrl.replace("queue/", "")));
  thread.start();
  thread.input?.focus();
}
follow();
count();
setInterval(grow, 1000);
setInterval(here, HERE_EVERY);
live.addEventListener("heard", () => performance.now() - saidHere >= HERE_EVERY && here());
document.addEventListener("visibilitychange", () => document.hidden || (here(), refresh()));
live.addEventListener("state", () => live.state === "live" && refresh());
