// The workbench: keys, panes without a reload, live counts, and drafts that survive a reload.
import {live} from "../journal/live.js";

const bench = document.querySelector("[data-bench]");
const side = document.querySelector("#bench-list");
const main = document.querySelector("#bench-case");
const keys = document.querySelector("#bench-keys");
const ask = document.querySelector("#bench-ask");
const said = document.querySelector("#bench-said");
const followed = new Map(); // stream -> the function that stops following it

const SAVE_MS = 3000;
const AGAIN_MS = 60000; // lights turn by themselves, and a whisper may be lost
// What saving a draft leaves in the file is no news for whoever writes it.
const ECHOES = ["draft.started", "case.started"];

const items = () => [...side.querySelectorAll(".bench-item")];
const current = () => items().findIndex((item) => item.hasAttribute("aria-current"));
const openCase = () => main.querySelector("[data-case]")?.dataset.case;
const FIELDS = "textarea, select, input:not([type=hidden])";

async function fragment(url) {
  const answer = await fetch(url, {headers: {"X-Requested-With": "fetch"}, credentials: "same-origin"});
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

// Put fresh HTML in place and give the focus and the scroll back to whoever had them.
function replace(element, html) {
  const {scrollTop} = element;
  const held = element.contains(document.activeElement) ? document.activeElement : null;
  const [name, value] = ["href", "name", "data-verb", "id"].map((each) => [each, held?.getAttribute(each)]).find(([, it]) => it) ?? [];
  element.innerHTML = html;
  element.scrollTop = scrollTop;
  if (name) element.querySelector(`[${name}="${CSS.escape(value)}"]`)?.focus({preventScroll: true});
}

function mark(number) {
  for (const item of items()) {
    if (item.dataset.number === number) item.setAttribute("aria-current", "true");
    else item.removeAttribute("aria-current");
  }
  side.querySelector(".bench-item[aria-current]")?.scrollIntoView({block: "nearest"});
}

// The case

let opening = 0;
let chosen; // the case on its way into the pane; the list may be renewed before it is there
let early; // the key of a form that was asked for meanwhile
async function open(page, number, push = true) {
  const turn = ++opening;
  chosen = number;
  early = undefined;
  const url = new URL(page, location.href);
  url.pathname += "pane/";
  mark(number);
  let html;
  try {
    html = await fragment(url);
  } catch {
    location.assign(page);
    return;
  }
  // The reader is further down the list already.
  if (turn !== opening) return;
  await saveDraft();
  main.innerHTML = html;
  chosen = undefined;
  bench.classList.add("bench-open");
  if (push) history.pushState({}, "", page);
  document.querySelector("[data-refusal]")?.remove();
  wire();
  const title = main.querySelector("#case-title");
  if (title) document.title = `${title.textContent} · ${document.title.split(" · ").at(-1)}`;
  title?.focus({preventScroll: true});
  if (!side.checkVisibility()) scrollTo(0, 0);
  if (early && verbOf(early)?.closest("details")) press(early);
}

function writing() {
  const form = main.querySelector("details[open] form");
  if (!form) return false;
  const inside = form.contains(document.activeElement) && document.activeElement.matches(FIELDS);
  return inside || [...form.elements].some(isTouched);
}

function isTouched(field) {
  if (field.matches("select")) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.matches("textarea, input:not([type=hidden])") && field.value !== field.defaultValue;
}

function tell(words) {
  const bar = main.querySelector("[data-changed]");
  if (!bar) return;
  bar.hidden = false;
  bar.querySelector("[data-words]").textContent = words;
}

async function refreshCase() {
  const pane = main.querySelector("[data-pane]");
  if (!pane) return;
  const number = pane.dataset.case;
  let html;
  try {
    html = await fragment(pane.dataset.pane);
  } catch (error) {
    if (error.message === "404") gone(number);
    return;
  }
  if (openCase() !== number) return;
  // Somebody else's step sweeps away no half-written reply, and no button whose question stands before the reader.
  if (writing() || ask.open) {
    tell(bench.dataset.moved);
    return;
  }
  const opened = main.querySelector("details[open][name=verb] [data-verb]")?.dataset.verb;
  replace(main, html);
  if (opened) main.querySelector(`[data-verb="${CSS.escape(opened)}"]`)?.closest("details")?.setAttribute("open", "");
  wire();
}

let caseTimer;
function caseMoved(entries = []) {
  const news = entries.filter?.((entry) => !(entry.by?.key === bench.dataset.me && ECHOES.includes(entry.kind)));
  if (Array.isArray(entries) && entries.length && !news.length) return;
  clearTimeout(caseTimer);
  caseTimer = setTimeout(refreshCase, 200);
}

// What the reader's own doing held up comes as soon as that is over.
function catchUp() {
  if (main.querySelector("[data-changed]:not([hidden])")) refreshCase();
}

function gone(number) {
  if (openCase() !== number) return;
  tell(bench.dataset.away);
  main.querySelector("[data-show]")?.setAttribute("hidden", "");
  refreshList();
}

// The list

// Where the list begins and how many pages of it are shown; the address may meanwhile name a case further down.
let query = location.search;
let pages = 1;
const MOST_PAGES = 20;

function parsed(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  return fresh.content;
}

// The tabs and the rows come anew; the filter between them and what was ticked stay in the reader's hands.
function renew(fresh) {
  const {scrollTop} = side;
  const ticked = new Set([...side.querySelectorAll(".bench-pick :checked")].map((box) => box.value));
  for (const part of fresh.querySelectorAll("[data-part]")) {
    replace(side.querySelector(`[data-part="${part.dataset.part}"]`), part.innerHTML);
  }
  for (const box of side.querySelectorAll(".bench-pick input")) box.checked = ticked.has(box.value);
  side.scrollTop = scrollTop;
  count();
}

// Put the rows of the following page behind those of `list`; tell whether there were any.
async function lengthen(list) {
  const next = list.querySelector(".pager [rel=next]");
  if (!next) return false;
  const fresh = parsed(await fragment(side.dataset.fragment + new URL(next.href, location.href).search));
  const rows = fresh.querySelectorAll(".bench-list > li");
  list.querySelector(".bench-list").append(...rows);
  const further = fresh.querySelector(".pager [rel=next]");
  if (further) next.replaceWith(further);
  else next.remove();
  return rows.length > 0;
}

let growing;
function more() {
  if (pages >= MOST_PAGES) return Promise.resolve(false);
  growing ??= lengthen(side)
    .then((longer) => {
      pages += longer;
      return longer;
    })
    .catch(() => false)
    .finally(() => (growing = undefined));
  return growing;
}

let listTimer;
function refreshList() {
  clearTimeout(listTimer);
  listTimer = setTimeout(async () => {
    try {
      await growing;
      const fresh = parsed(await fragment(side.dataset.fragment + query));
      let had = 1;
      while (had < pages && (await lengthen(fresh))) had += 1;
      pages = had;
      renew(fresh);
    } catch {
      return;
    }
    mark(chosen ?? openCase());
    wire();
  }, 400);
}

setInterval(() => document.visibilityState === "visible" && refreshList(), AGAIN_MS);
// Whispers are not kept: what moved before the connection stood, at first or again, is looked for.
live.addEventListener("state", () => live.state === "live" && refreshList());

async function narrow(form) {
  query = `?${new URLSearchParams([...new FormData(form)].filter(([, value]) => value))}`;
  pages = 1;
  history.replaceState({}, "", location.pathname + query);
  renew(parsed(await fragment(side.dataset.fragment + query)));
  mark(openCase());
  wire();
  said.textContent = side.querySelector(".bench-list") ? String(items().length) : side.querySelector(".empty h2")?.textContent ?? "";
}

// What is live

function wire() {
  const wanted = new Map();
  for (const place of main.querySelectorAll("[data-follow]")) {
    wanted.set(place.dataset.follow, [place.dataset.after, {epoch: place.dataset.epoch, onReset: caseMoved}, caseMoved]);
  }
  for (const name of (side.querySelector("[data-todo]")?.dataset.todo ?? "").split(" ").filter(Boolean)) {
    wanted.set(name, [0, {onWhisper: refreshList, onReset: refreshList}, refreshList]);
  }
  for (const [name, [after, options, then]] of wanted) {
    if (!followed.has(name)) {
      const onGone = () => {
        followed.delete(name);
        if (main.querySelector(`[data-follow="${CSS.escape(name)}"]`)) gone(openCase());
      };
      followed.set(name, live.follow(name, Number(after), then, {...options, onGone}));
    }
  }
  for (const [name, stop] of followed) {
    if (!wanted.has(name)) {
      stop();
      followed.delete(name);
    }
  }
  for (const form of main.querySelectorAll("form[data-draft]")) keepWords(form);
  for (const hidden of document.querySelectorAll("[data-keys], [data-canned-field]")) hidden.hidden = false;
}

// Words that are being written: kept in this tab until they are sent, a reply also as a draft that colleagues see.

function keepWords(form) {
  const name = `draft-${form.dataset.draft}`;
  const area = form.querySelector("textarea");
  if (!area || area.dataset.kept) return;
  area.dataset.kept = "1";
  const kept = sessionStorage.getItem(name);
  if (kept && !area.value) area.value = kept;
  area.addEventListener("input", () => {
    sessionStorage.setItem(name, area.value);
    if (form.dataset.save) draftLater(form);
  });
  form.addEventListener("submit", () => sessionStorage.removeItem(name));
}

let draft = null; // {form, timer}
function draftLater(form) {
  clearTimeout(draft?.timer);
  draft = {form, timer: setTimeout(saveDraft, SAVE_MS)};
}

async function saveDraft() {
  if (!draft) return;
  const {form, timer} = draft;
  draft = null;
  clearTimeout(timer);
  const state = form.querySelector("[data-save-state]");
  let answer;
  try {
    const headers = {"X-Requested-With": "fetch"};
    answer = await fetch(form.dataset.save, {method: "POST", headers, body: new FormData(form), keepalive: true});
  } catch {
    state.textContent = bench.dataset.unsaved;
    return;
  }
  if (answer.ok) sessionStorage.removeItem(`draft-${form.dataset.draft}`);
  const at = new Date().toLocaleTimeString(document.documentElement.lang, {hour: "2-digit", minute: "2-digit"});
  state.textContent = answer.ok ? `${bench.dataset.saved} ${at}` : bench.dataset.unsaved;
}

addEventListener("visibilitychange", () => document.visibilityState === "hidden" && saveDraft());

// Keys

function verbOf(key) {
  return main.querySelector(`.verbs [data-key="${CSS.escape(key)}"]`);
}

function press(key) {
  // The case before stands there still, and is not meant: forms open when the new one has come, nothing is done unseen.
  if (chosen) {
    early = key;
    return true;
  }
  const verb = verbOf(key);
  if (!verb) return false;
  verb.click();
  const details = verb.closest("details");
  if (details?.open) details.querySelector(`textarea, select:not([data-canned]), input:not([type=hidden])`)?.focus();
  return true;
}

async function step(by) {
  if (by > 0 && current() === items().length - 1) await more();
  const all = items();
  if (!all.length) return;
  const at = current() < 0 ? 0 : Math.min(Math.max(current() + by, 0), all.length - 1);
  open(all[at].getAttribute("href"), all[at].dataset.number);
}

const moves = {
  j: () => step(1),
  k: () => step(-1),
  o() {
    const item = items()[Math.max(current(), 0)];
    if (item) open(item.getAttribute("href"), item.dataset.number);
  },
  "/"() {
    const field = side.querySelector("[name=words]");
    if (!side.checkVisibility()) bench.classList.remove("bench-open");
    field?.focus();
    field?.select();
  },
  v: tick,
  "?": () => keys.showModal(),
};

// Cases that are to get the same answer.
function tick() {
  const box = items()[Math.max(current(), 0)]?.closest("li").querySelector(".bench-pick input");
  box?.click();
}

function count() {
  const bar = side.querySelector(".bench-together");
  if (!bar) return;
  const ticked = side.querySelectorAll(".bench-pick :checked").length;
  bar.querySelector("[data-count]").textContent = ticked ? String(ticked) : "";
}

function closeForm() {
  const opened = main.querySelector("details[open][name=verb]");
  if (opened) {
    opened.open = false;
    opened.querySelector("summary").focus();
    catchUp();
  } else if (side.contains(document.activeElement)) {
    document.activeElement.blur();
    main.querySelector("#case-title")?.focus();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") return closeForm();
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const move = moves[event.key];
  if (move) {
    event.preventDefault();
    move();
  } else if (event.key.length === 1 && !event.repeat && event.key !== " " && press(event.key)) event.preventDefault();
});

// Clicks and choices

function askFirst(button) {
  ask.querySelector("[data-asked]").textContent = button.dataset.ask;
  ask.onclose = () => (ask.returnValue === "yes" ? button.form.requestSubmit() : catchUp());
  ask.returnValue = "";
  ask.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys]")) return keys.showModal();
  if (event.target.closest("#bench-list [rel=next]") && pages < MOST_PAGES) {
    event.preventDefault();
    return more();
  }
  if (event.target.closest("[data-show]")) {
    document.activeElement.blur();
    return showNew();
  }
  const asked = event.target.closest("[data-ask]");
  if (asked) {
    event.preventDefault();
    return askFirst(asked);
  }
  const item = event.target.closest(".bench-item, [data-open]");
  if (!item || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(item.getAttribute("href"), item.dataset.number ?? "");
});

// The reader asked for what is new: their words are kept, the form opens again with them.
async function showNew() {
  const form = main.querySelector("details[open] form[data-draft]");
  const typed = form ? [...form.elements].filter((field) => field.matches("textarea, input[type=text]")).map((field) => [field.id, field.value]) : [];
  const name = form?.dataset.draft;
  for (const details of main.querySelectorAll("details[open][name=verb]")) details.open = false;
  for (const field of form?.elements ?? []) if (field.matches(FIELDS) && field.type !== "file") field.value = field.defaultValue ?? "";
  for (const select of form?.querySelectorAll("select") ?? []) for (const option of select.options) option.selected = option.defaultSelected;
  await refreshCase();
  const fresh = main.querySelector(`form[data-draft="${CSS.escape(name ?? "")}"]`);
  for (const [id, value] of typed) {
    const field = fresh?.querySelector(`#${CSS.escape(id)}`);
    if (field) field.value = value;
  }
  if (fresh) fresh.closest("details").open = true;
}

document.addEventListener("change", (event) => {
  if (event.target.closest(".bench-pick")) return count();
  const filter = event.target.closest(".bench-filter select");
  if (filter) return narrow(filter.form).catch(() => filter.form.submit());
  const canned = event.target.closest("[data-canned]");
  if (!canned?.value) return;
  const area = canned.form.querySelector("textarea");
  area.setRangeText(canned.value, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input"));
  canned.selectedIndex = 0;
  area.focus();
});

// A form that was sent is sent: no second press, and no autosave that comes after it.
document.addEventListener("submit", (event) => {
  if (!event.target.closest("#bench-case")) return;
  if (draft?.form === event.target) {
    clearTimeout(draft.timer);
    draft = null;
  }
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "1";
});

addEventListener("pageshow", () => {
  for (const form of main.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});
addEventListener("popstate", () => {
  const item = items().find((each) => new URL(each.href).pathname === location.pathname);
  if (item) open(item.getAttribute("href"), item.dataset.number, false);
  else location.reload();
});

// Whoever scrolls to the end reads on.
side.addEventListener("scroll", () => side.scrollHeight - side.scrollTop - side.clientHeight < 400 && more(), {passive: true});

wire();
count();
(main.querySelector("[aria-invalid=true]") ?? document.querySelector("[data-refusal]"))?.focus();
