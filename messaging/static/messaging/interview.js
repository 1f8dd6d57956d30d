// Reading a live interview along: questions and answers come as entries, so that thousands of readers ask for nothing.
import { live } from "../journal/live.js";

const page = document.querySelector("[data-interview]");
const items = page.querySelector("[data-items]");
const more = page.querySelector("[data-new]");
const clock = new Intl.DateTimeFormat("en-GB", { timeZone: page.dataset.timeZone, hour: "2-digit", minute: "2-digit" });

function fill(node, name, entry) {
  node.querySelector("strong").textContent = name || page.dataset.textReader;
  const time = node.querySelector("time");
  time.dateTime = entry.at;
  time.textContent = clock.format(new Date(entry.at));
  node.querySelector(".prose").textContent = entry.data.text;
}

function show(entry) {
  if (page.querySelector(`[data-seq="${entry.seq}"]`)) return null;
  const of = items.querySelector(`[data-question="${Number(entry.data.question)}"]`);
  const kind = entry.kind === "question.answered" && of ? "answer" : "asked";
  const node = page.querySelector(`template[data-${kind}]`).content.firstElementChild.cloneNode(true);
  node.dataset.seq = entry.seq;
  fill(node, entry.data.name, entry);
  if (entry.kind === "question.put") node.dataset.question = entry.data.question;
  if (entry.kind === "message.said") node.className = "remark";
  (kind === "answer" ? of : items).append(node);
  page.querySelector("[data-none]")?.remove();
  return node;
}

function take(entries) {
  // The page itself changes with its state; not all of its readers ask for it in the same second.
  if (entries.some((entry) => entry.kind.startsWith("interview."))) setTimeout(() => writing() || location.reload(), 500 + Math.random() * 6000);
  const spoken = entries.filter((entry) => ["question.put", "question.answered", "message.said"].includes(entry.kind));
  const last = spoken.map(show).filter(Boolean).at(-1);
  if (!last || last.getBoundingClientRect().top < innerHeight) return;
  more.hidden = false;
  more.onclick = () => {
    more.hidden = true;
    last.scrollIntoView({ block: "center" });
  };
}

const writing = () => page.querySelector("textarea")?.value;
const { stream, after, epoch } = page.dataset;
live.follow(stream, Number(after), take, { epoch, onReset: () => location.reload() });
