// What is said below a page arrives while it is read: a bar announces it, and the reader decides when to see it. What
// was hidden goes at once. The page itself is asked for, so that what is shown is what a reload would show.
const section = document.querySelector("[data-stream]");
const list = section?.querySelector("[data-remarks]");
const bar = section?.querySelector("[data-arrived]");
const arrived = new Set();

async function present() {
  const answer = await fetch(location.pathname, {headers: {"X-Requested-With": "fetch"}});
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll("[data-remarks] > li")];
}

function announce() {
  bar.textContent = arrived.size === 1 ? section.dataset.one : section.dataset.many.replace("#", arrived.size);
  bar.hidden = arrived.size === 0;
}

async function show(event) {
  event.preventDefault();
  try {
    const fresh = (await present()).filter((item) => !document.getElementById(item.id));
    list.prepend(...fresh);
    list.hidden = !list.children.length;
    section.querySelector("[data-none]")?.remove();
    arrived.clear();
    announce();
    if (!fresh.length) return;
    fresh[0].tabIndex = -1;
    fresh[0].focus();
  } catch {
    location.assign(location.pathname);
  }
}

// Who keeps order still sees what was hidden, marked as such; for everybody else it is gone.
async function renew(id) {
  const old = document.getElementById(`remark-${id}`);
  if (!old) return;
  const now = (await present()).find((item) => item.id === old.id);
  if (now) old.replaceWith(now);
  else old.remove();
}

function hear(entries) {
  for (const {kind, data} of entries) {
    if (kind === "page.remarked" && !document.getElementById(`remark-${data.remark}`)) arrived.add(data.remark);
    if (kind === "page.remark_hidden") {
      arrived.delete(data.remark);
      renew(data.remark).catch(() => {});
    }
  }
  announce();
}

if (section && list && bar) {
  bar.addEventListener("click", show);
  const {live} = await import(section.dataset.liveModule);
  live.follow(section.dataset.stream, Number(section.dataset.after), hear, {
    epoch: section.dataset.epoch,
    onGone: () => location.reload(),
  });
}
