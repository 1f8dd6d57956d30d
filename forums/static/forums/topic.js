// A topic that stays alive under the reader's eyes: new replies are announced by a bar and put in their places when
// the reader asks for them; changed ones change where they stand. Nothing moves what is being read.
const section = document.querySelector("[data-stream]");
const list = document.querySelector("[data-replies]");
const bar = document.querySelector("[data-arrived]");
const arrived = new Set();
const CHANGED = ["topic.reply_edited", "topic.reply_hidden", "topic.reply_shown", "topic.reply_withdrawn", "topic.split", "topic.source_changed"];
const WHOLE = ["topic.edited", "topic.locked", "topic.unlocked", "topic.became_case", "topic.case_answered", "topic.merged", "topic.moved"];

async function fragments(ids) {
  const answer = await fetch(`${section.dataset.fragment}?ids=${[...ids].join(",")}`, {headers: {"X-Requested-With": "fetch"}});
  if (!answer.ok) throw new Error(String(answer.status));
  const made = document.createElement("template");
  made.innerHTML = await answer.text();
  const many = made.content.querySelector("[data-many-replies]");
  for (const said of many ? document.querySelectorAll("[data-many-replies]") : []) said.textContent = many.textContent;
  return [...made.content.querySelectorAll("li.reply")];
}

// Whatever happens above, the reply at the top of the window stays where it is.
function keepingPlace(change) {
  const held = [...list.children].find((item) => item.getBoundingClientRect().bottom > 0);
  const before = held?.getBoundingClientRect().top;
  change();
  if (held?.isConnected) scrollBy(0, held.getBoundingClientRect().top - before);
}

// Where a reply belongs on this page; false when it belongs to another one.
function place(item) {
  const items = [...list.children];
  const {path} = item.dataset;
  if (!items.length) return section.dataset.last ? list.append(item) ?? true : false;
  const after = items.find((one) => one.dataset.path > path);
  if (!after && !section.dataset.last) return false;
  if (after === items[0] && !section.dataset.first) return false;
  list.insertBefore(item, after ?? null);
  return true;
}

function announce() {
  const many = arrived.size;
  bar.textContent = many === 1 ? section.dataset.one : section.dataset.many.replace("#", many);
  bar.hidden = many === 0;
}

async function show(event) {
  if (!arrived.size) return;
  event.preventDefault();
  const wanted = [...arrived].slice(0, 100);
  const flat = list.classList.contains("replies-flat");
  let elsewhere = flat;
  try {
    const items = flat ? [] : await fragments(wanted);
    let first = null;
    keepingPlace(() => {
      for (const item of items) {
        if (document.getElementById(item.id)) continue;
        item.classList.add("reply-fresh");
        if (place(item)) first ??= item;
        else elsewhere = true;
      }
    });
    for (const id of wanted) arrived.delete(id);
    announce();
    if (first) {
      first.tabIndex = -1;
      first.focus({preventScroll: true});
      first.scrollIntoView({block: "nearest", behavior: "smooth"});
    } else if (elsewhere) location.assign(flat ? location.href : `?reply=${wanted[0]}`);
  } catch {
    location.assign(`?reply=${wanted[0]}`);
  }
}

async function renew(ids) {
  const here = ids.filter((id) => document.getElementById(`reply-${id}`));
  if (!here.length) return;
  for (const item of await fragments(here)) {
    const old = document.getElementById(item.id);
    // Somebody writes below this one: the words around the composer change, the composer stays.
    const composer = old?.querySelector(".composer");
    keepingPlace(() => {
      item.classList.add("reply-changed");
      old?.replaceWith(item);
      if (composer) item.append(composer);
    });
  }
}

function hear(entries) {
  const changed = new Set();
  for (const {kind, data} of entries) {
    if (kind === "topic.replied" && !document.getElementById(`reply-${data.reply}`)) arrived.add(data.reply);
    if (CHANGED.includes(kind) && data.reply) changed.add(data.reply);
    if (kind === "topic.reply_hidden" || kind === "topic.reply_withdrawn") arrived.delete(data.reply);
    if (kind === "topic.reply_held") document.getElementById(`reply-${data.reply}`)?.classList.add("reply-held");
    if (WHOLE.includes(kind)) stale();
  }
  announce();
  renew([...changed]).catch(stale);
}

// The head of the page is out of date: said in the bar, loaded only when the reader wants it.
function stale() {
  if (arrived.size) return;
  bar.textContent = section.dataset.changed;
  bar.href = location.pathname + location.search;
  bar.hidden = false;
}

if (section && list && bar) {
  bar.addEventListener("click", show);
  const {live} = await import(section.dataset.liveModule);
  live.follow(section.dataset.stream, Number(section.dataset.after), hear, {
    epoch: section.dataset.epoch,
    onGone: () => location.reload(),
  });
}

// Reactions without leaving the place; without JavaScript the same form comes back to it.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.sure && !confirm(form.dataset.sure)) {
    event.preventDefault();
    return;
  }
  if (!("react" in form.dataset)) return;
  event.preventDefault();
  const button = event.submitter ?? form.querySelector("button[aria-pressed]");
  const body = new FormData(form);
  body.set(button.name, button.value);
  const answer = await fetch(form.action, {method: "POST", body, headers: {"X-Requested-With": "fetch"}});
  // Refused, or signed out meanwhile: the plain form says what is the matter.
  if (!answer.ok || answer.redirected) {
    delete form.dataset.react;
    form.requestSubmit(button);
    return;
  }
  const {on, count} = await answer.json();
  button.value = on ? "0" : "1";
  button.setAttribute("aria-pressed", String(on));
  button.classList.toggle("button-on", on && button.classList.contains("button"));
  button.querySelector("[data-count]").textContent = count || "";
});

// One open menu at a time, closed by Escape or by looking elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.more[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.more[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
