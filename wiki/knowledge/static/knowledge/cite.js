// An officer finds a page of the handbook while answering: words are typed beside the answer, a click puts the line
// that names the present version where the cursor stood. Forms may come and go, so the document listens.
const WAIT = 250;
let timer = 0;

function dress() {
  for (const picker of document.querySelectorAll("[data-cite-picker]")) {
    picker.querySelector("[data-cite-typing]").hidden = false;
    picker.querySelector("[data-cite-page]").hidden = true;
  }
}

async function look(picker, words) {
  const list = picker.querySelector("[data-cite-found]");
  if (!words) return list.replaceChildren();
  const answer = await fetch(`${picker.dataset.url}?${new URLSearchParams({q: words})}`);
  if (!answer.ok || picker.querySelector("[data-cite-words]").value.trim() !== words) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = [...page.querySelectorAll("[data-line]")].map(row);
  list.replaceChildren(...(rows.length ? rows : [none(picker)]));
}

function row(found) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.citeLine = found.dataset.line;
  const title = document.createElement("strong");
  title.textContent = found.dataset.title;
  const words = document.createElement("span");
  words.textContent = found.querySelector("[data-words]").textContent;
  button.append(title, words);
  item.append(button);
  return item;
}

function none(picker) {
  const item = document.createElement("li");
  item.className = "muted small";
  item.textContent = picker.dataset.none;
  return item;
}

function put(picker, line) {
  const field = picker.closest("form")?.querySelector("textarea") ?? document.querySelector("textarea[data-say]");
  if (!field) return;
  const before = field.value.slice(0, field.selectionStart);
  const gap = before && !/\s$/.test(before) ? " " : "";
  field.setRangeText(`${gap}${line} `, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", {bubbles: true}));
  picker.querySelector("[data-cite-words]").value = "";
  picker.querySelector("[data-cite-found]").replaceChildren();
  field.focus();
}

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-cite-words]")) return;
  const picker = event.target.closest("[data-cite-picker]");
  clearTimeout(timer);
  timer = setTimeout(() => look(picker, event.target.value.trim()).catch(() => {}), WAIT);
});
// Enter in the words looks them up; it never sends the answer. Down leads into what was found, Escape clears it.
document.addEventListener("keydown", (event) => {
  const picker = event.target.closest?.("[data-cite-picker]");
  if (!picker) return;
  const buttons = [...picker.querySelectorAll("[data-cite-line]")];
  const at = buttons.indexOf(event.target);
  if (event.key === "Enter" && at < 0) event.preventDefault();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (buttons[next] ?? (next < 0 ? picker.querySelector("[data-cite-words]") : null))?.focus();
  }
  if (event.key === "Escape") picker.querySelector("[data-cite-found]").replaceChildren();
}, true);
document.addEventListener("click", (event) => {
  const line = event.target.closest?.("[data-cite-line]");
  if (line) put(line.closest("[data-cite-picker]"), line.dataset.citeLine);
});
new MutationObserver(dress).observe(document.body, {childList: true, subtree: true});
dress();
