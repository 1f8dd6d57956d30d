// The citizen's conversation: place in the queue, who joined, how it ended, each as the server words it.
import { live } from "../journal/live.js";
import { Thread } from "./thread.js";

const root = document.querySelector("[data-talk]");
const thread = new Thread(root);
const WAITING_EVERY = 8000;
const OPEN_EVERY = 25000;
let timer;

async function refresh() {
  clearTimeout(timer);
  const answer = await live.load(root.dataset.stateUrl).catch(() => null);
  if (answer?.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  plan();
}

function show(page) {
  for (const name of ["top", "after"]) {
    const [old, fresh] = [root.querySelector(`[data-part=${name}]`), page.querySelector(`[data-part=${name}]`)];
    // Somebody writes in it, or nothing is new: it stays.
    if (!fresh || same(old, fresh) || old.contains(document.activeElement) && document.activeElement.matches("textarea, input")) continue;
    old.replaceWith(document.adoptNode(fresh));
  }
  const top = root.querySelector("[data-part=top]");
  root.dataset.status = top.dataset.status;
  thread.form.hidden = top.dataset.canSay !== "1";
  thread.toEnd();
}

// Apart from the form tokens, which differ each time.
function same(one, other) {
  const plain = (node) => node.innerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "").replace(/\s+/g, " ").trim();
  return plain(one) === plain(other) && one.dataset.status === other.dataset.status;
}

function plan() {
  clearTimeout(timer);
  const every = { waiting: WAITING_EVERY, open: OPEN_EVERY }[root.dataset.status];
  if (every) timer = setTimeout(refresh, every);
}

thread.addEventListener("changed", refresh);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
thread.start();
plan();
