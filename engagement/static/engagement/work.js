// The workbench: keys, panes without a reload, live counts, and drafts that survive a reload.
import {live} from "../journal/live.js";

const side = document.querySelector("#bench-list");
const main = document.querySelector("#bench-case");
const keys = document.querySelector("#bench-keys");
const followed = new Map();

const items = () => [...side.querySelectorAll(".bench-item")];
const current = () => items().findIndex((item) => item.hasAttribute("aria-current"));

async function fragment(url) {
  const answer = await fetch(url, {headers: {"X-Requested-With": "fetch"}, credentials: "same-origin"});
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

// Put fresh HTML in place and give the focus and the scroll back to whoever had them.
function replace(element, html) {
  const {scrollTop} = element;
  const held = element.contains(document.activeElement) ? document.activeElement : null;
  const address = held?.getAttribute("href") ?? held?.getAttribute("name");
  element.innerHTML = html;
  element.scrollTop = scrollTop;
  if (address) element.querySelector(`[href="${CSS.escape(address)}"], [name="${CSS.escape(address)}"]`)?.focus();
}

function mark(number) {
  for (const item of items()) item.toggleAttribute("aria-current", item.dataset.number === number);
  side.querySelector("[aria-current].bench-item")?.scrollIntoView({block: "nearest"});
}

async function open(item, push = true) {
  const page = item.getAttribute("href");
  const url = new URL(page, location.href);
  url.pathname += "pane/";
  try {
    replace(main, await fragment(url));
  } catch {
    location.assign(page);
    return;
  }
  document.querySelector("[data-bench]").classList.add("bench-open");
  mark(item.dataset.number);
  if (push) history.pushState({}, "", page);
  wire();
  main.querySelector("#case-title")?.focus({preventScroll: true});
}

function writing() {
  const form = main.querySelector("details[open] form");
  return form && [...form.elements].some((field) => field.matches("textarea, input:not([type=hidden])") && field.value !== field.defaultValue);
}

let stale = false;
async function refreshCase() {
  const pane = main.querySelector("[data-pane]");
  if (!pane) return;
  // Nobody's half-written reply is swept away by somebody else's step.
  if (writing()) {
    stale = true;
    return;
  }
  stale = false;
  replace(main, await fragment(pane.dataset.pane));
  wire();
}

let waiting;
function refreshList() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const number = main.querySelector("[data-case]")?.dataset.case;
    const url = new URL(side.dataset.fragment, location.href);
    for (const [name, value] of new URLSearchParams(location.search)) url.searchParams.set(name, value);
    if (side.querySelector(".bench-filter")?.contains(document.activeElement)) return refreshList();
    replace(side, await fragment(url));
    if (number) mark(number);
    wire();
  }, 400);
}

function follow(stream, after, then) {
  if (followed.has(stream)) return;
  followed.set(stream, true);
  live.follow(stream, after, then, {onReset: then, onGone: () => followed.delete(stream)});
}

function wire() {
  const wanted = new Set();
  for (const place of main.querySelectorAll("[data-follow]")) {
    wanted.add(place.dataset.follow);
    follow(place.dataset.follow, Number(place.dataset.after), refreshCase);
  }
  for (const name of (side.querySelector("[data-todo]")?.dataset.todo ?? "").split(" ").filter(Boolean)) {
    wanted.add(name);
    follow(name, null, refreshList);
  }
  for (const name of followed.keys()) {
    if (!wanted.has(name)) {
      live.unfollow?.(name);
      followed.delete(name);
    }
  }
  for (const form of main.querySelectorAll("form[data-draft]")) keepDraft(form);
  const button = side.querySelector("[data-keys]");
  if (button) button.hidden = false;
}

// Drafts live in this tab until they are sent.
function keepDraft(form) {
  const name = `draft-${form.dataset.draft}`;
  const area = form.querySelector("textarea");
  if (!area || area.dataset.kept) return;
  area.dataset.kept = "1";
  const kept = sessionStorage.getItem(name);
  if (kept && !area.value) area.value = kept;
  area.addEventListener("input", () => sessionStorage.setItem(name, area.value));
  form.addEventListener("submit", () => sessionStorage.removeItem(name));
}

function press(key) {
  const verb = main.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!verb) return false;
  verb.click();
  const details = verb.closest("details");
  if (details?.open) details.querySelector("textarea, select, input:not([type=hidden])")?.focus();
  return true;
}

function step(by) {
  const all = items();
  if (!all.length) return;
  const at = Math.min(Math.max(current() + by, 0), all.length - 1);
  open(all[at]);
}

const moves = {
  j: () => step(1),
  k: () => step(-1),
  o: () => items()[Math.max(current(), 0)] && open(items()[Math.max(current(), 0)]),
  "/": () => side.querySelector("[name=words]")?.focus(),
  "?": () => keys.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || keys.open) return;
  if (event.key === "Escape") {
    const opened = main.querySelector("details[open]");
    if (opened) {
      opened.open = false;
      opened.querySelector("summary").focus();
      if (stale) refreshCase();
    }
    return;
  }
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const move = moves[event.key];
  if (move) {
    event.preventDefault();
    move();
  } else if (event.key.length === 1 && press(event.key)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys]")) return keys.showModal();
  const asked = event.target.closest("[data-ask]");
  if (asked && !window.confirm(asked.dataset.ask)) return event.preventDefault();
  const item = event.target.closest(".bench-item");
  if (!item || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(item);
});

document.addEventListener("change", (event) => {
  const canned = event.target.closest("[data-canned]");
  if (!canned?.value) return;
  const area = canned.form.querySelector("textarea");
  area.setRangeText(canned.value, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input"));
  canned.selectedIndex = 0;
  area.focus();
});

addEventListener("popstate", () => location.reload());
wire();
