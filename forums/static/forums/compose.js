// Writing: drafts keep themselves, an answer is written below what it answers, what is marked can be quoted.
const form = document.querySelector("[data-compose]");
const text = form?.querySelector("textarea[name=text]");
const kept = form?.querySelector("[data-kept]");
const SAVE_MS = 2500;
const KEPT = ["title", "text", "tags", "question", "options"];
let timer = 0;
let saved = form ? words() : "";
let sending = false;

function words() {
  const data = new FormData(form);
  return JSON.stringify(KEPT.map((name) => data.get(name) ?? ""));
}

async function save() {
  clearTimeout(timer);
  timer = 0;
  const now = words();
  if (!form.dataset.draft || sending || now === saved) return;
  const data = new FormData(form);
  const body = new FormData();
  for (const name of ["csrfmiddlewaretoken", ...KEPT]) if (data.has(name)) body.set(name, data.get(name));
  const answer = await fetch(form.dataset.draft, {method: "POST", body, headers: {"X-Requested-With": "fetch"}, keepalive: true});
  if (!answer.ok) return;
  saved = now;
  kept.textContent = `${form.dataset.saved} ${new Date().toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"})}`;
}

function later() {
  timer ||= setTimeout(() => save().catch(() => {}), SAVE_MS);
}

if (form) {
  form.addEventListener("input", later);
  form.addEventListener("submit", () => (sending = true));
  addEventListener("pagehide", () => timer && save().catch(() => {}));
}

// Answering in place

const home = form?.parentElement;
const said = form?.querySelector("[data-answered]");

function answer(id, name) {
  const item = document.getElementById(`reply-${id}`);
  if (!item || !said) return false;
  form.elements.parent.value = id;
  said.hidden = false;
  said.querySelector("[data-answered-name]").textContent = form.dataset.said.replace("#", name);
  item.append(form);
  text.focus({preventScroll: true});
  form.scrollIntoView({block: "nearest"});
  return true;
}

function answerTopic() {
  form.elements.parent.value = "";
  said.hidden = true;
  home.append(form);
  text.focus();
}

function cite(item) {
  const marked = getSelection();
  const within = item && marked && !marked.isCollapsed && item.contains(marked.anchorNode) ? marked.toString() : "";
  const body = item?.querySelector(".post-text");
  const whole = [...(body?.children ?? [])].filter((part) => part.tagName !== "BLOCKQUOTE").map((part) => part.innerText);
  const quoted = (within || whole.join("\n\n")).trim().slice(0, 600);
  return `${quoted.split("\n").map((line) => `> ${line}`.trimEnd()).join("\n")}\n\n`;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-answer], [data-quote], [data-answer-topic]");
  if (!link || !form || event.ctrlKey || event.metaKey) return;
  if ("answerTopic" in link.dataset) {
    event.preventDefault();
    answerTopic();
    return;
  }
  link.closest("details")?.removeAttribute("open");
  const id = link.dataset.answer ?? link.dataset.quote;
  const quote = link.dataset.quote ? cite(document.getElementById(`reply-${id}`)) : "";
  if (!answer(id, link.dataset.name)) return;
  event.preventDefault();
  if (quote) {
    text.setRangeText(quote, text.selectionStart, text.selectionEnd, "end");
    later();
  }
});
