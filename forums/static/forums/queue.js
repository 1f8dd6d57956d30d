// The moderators' queue by keyboard: j and k walk, a leaves or gives back, h takes away and then a digit says why.
const queue = document.querySelector("[data-queue]");
const left = document.querySelector("[data-left]");
const bar = document.querySelector("[data-arrived]");
const known = new Set([...queue.children].map((row) => row.dataset.review));

const rows = () => [...queue.children];
const current = () => rows().find((row) => row.contains(document.activeElement));

function go(row) {
  row?.focus({preventScroll: true});
  row?.scrollIntoView({block: "nearest"});
}

function step(by) {
  const all = rows();
  const at = all.indexOf(current());
  go(all[Math.max(0, Math.min(all.length - 1, at + by))]);
}

async function decide(form, choice) {
  const row = form.closest("[data-review]");
  const body = new FormData(form);
  body.set("do", choice);
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const answer = await fetch(form.action, {method: "POST", body, headers: {"X-Requested-With": "fetch"}});
  if (!answer.ok) {
    let told = row.querySelector("[role=alert]");
    if (!told) {
      told = document.createElement("p");
      told.className = "error";
      told.setAttribute("role", "alert");
      row.append(told);
    }
    told.textContent = queue.dataset.failed;
    return;
  }
  const told = await answer.json();
  row.remove();
  left.textContent = told.left;
  if (next) go(next);
  else location.reload();
}

queue.addEventListener("submit", (event) => {
  event.preventDefault();
  decide(event.target, event.submitter?.value ?? "keep");
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const field = event.target.closest?.("input, select, textarea");
  const form = current()?.querySelector("form");
  if (field) {
    // In the list of grounds a digit chooses, Enter in the reason takes away, Escape goes back to the row.
    if (event.key === "Escape") go(current());
    else if (event.key === "Enter" && form) {
      event.preventDefault();
      decide(form, "hide");
    } else if (field.tagName === "SELECT" && /^[1-9]$/.test(event.key) && field.options[event.key - 1]) {
      event.preventDefault();
      field.selectedIndex = event.key - 1;
      form.elements.reason.focus();
    }
    return;
  }
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "o") current()?.querySelector("[data-open]")?.click();
  else if (event.key === "a" && form) decide(form, "keep");
  else if (event.key === "h" && form) {
    event.preventDefault();
    form.elements.ground.focus();
  }
});

if (queue.dataset.stream) {
  const {live} = await import(queue.dataset.liveModule);
  live.follow(queue.dataset.stream, Number(queue.dataset.after), (entries) => {
    for (const {kind, data} of entries) {
      if (kind === "review.opened" && !known.has(String(data.review))) bar.hidden = false;
      if (kind === "review.decided") queue.querySelector(`[data-review="${data.review}"]`)?.remove();
    }
  }, {epoch: queue.dataset.epoch});
}
go(queue.firstElementChild);
