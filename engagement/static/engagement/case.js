// The case page stays current: each new entry of its stream fetches the moving parts anew.
import { live } from "../journal/live.js";

const page = document.querySelector("[data-case]");
const parts = page.querySelector(".case-parts");
const stateLine = page.querySelector("[data-live-state]");

const part = (root, name) => root.querySelector(`[data-part="${name}"]`);
const changed = (field) => (["radio", "checkbox"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
const isBusy = (box) =>
  Boolean(document.activeElement?.closest("input, textarea, select") && box.contains(document.activeElement)) ||
  [...box.querySelectorAll("textarea, input:not([type=hidden])")].some(changed);

function put(name, fresh) {
  const old = part(parts, name);
  if (old && fresh && old.innerHTML !== fresh.innerHTML) old.replaceWith(fresh);
}

// Words being written are never replaced: a line offers the new choices instead.
function putDoable(fresh) {
  const old = part(parts, "doable");
  if (!isBusy(old)) return put("doable", fresh);
  page.querySelector("[data-moved-line]")?.remove();
  const line = Object.assign(document.createElement("p"), { className: "notice", role: "status" });
  line.dataset.movedLine = "";
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: page.dataset.show });
  button.addEventListener("click", () => {
    line.remove();
    put("doable", fresh);
  });
  line.append(Object.assign(document.createElement("span"), { textContent: page.dataset.moved, className: "grow" }), button);
  old.before(line);
}

const sentence = (root) => root.querySelector("[data-sentence]")?.textContent;

let running = false;
let again = false;
async function refresh() {
  if (running) return void (again = true);
  running = true;
  try {
    const answer = await fetch(page.dataset.now, { headers: { "X-Requested-With": "fetch" } });
    if (answer.status === 404) return gone();
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    // The thanks for an earlier answer are out of place once the case has moved on.
    if (sentence(fresh) !== sentence(parts)) document.querySelector("main .messages")?.remove();
    put("state", part(fresh, "state"));
    put("thread", part(fresh, "thread"));
    putDoable(part(fresh, "doable"));
  } catch {
    // No connection: the stream comes back by itself and asks again.
  } finally {
    running = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

function gone() {
  stateLine.textContent = page.dataset.gone;
}

live.follow(page.dataset.stream, page.dataset.after, refresh, { epoch: page.dataset.epoch, onReset: refresh, onGone: gone });
document.querySelector("[data-focus]")?.focus();
