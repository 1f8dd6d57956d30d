// The header's count of unread messages: exact on every page, tab and device, because the server counts.
import { live } from "../journal/live.js";

const link = document.querySelector("[data-talks]");
const title = document.title;
const followed = new Map();
let asked = null;
let me = "";

async function ask() {
  asked = null;
  const answer = await live.load(link.dataset.talks, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const { unread, url, streams, key } = await answer.json();
  me = key;
  link.hidden = !url;
  if (url) link.href = url;
  const badge = link.querySelector("[data-talks-unread]");
  badge.hidden = !unread;
  badge.firstChild.data = String(unread);
  // The duty desk counts its queue in the title as well, the rooms what colleagues say: they do that themselves.
  if (!document.querySelector("[data-duty], [data-rooms]")) document.title = unread ? `(${unread}) ${title}` : title;
  follow(streams);
}

function soon() {
  asked ??= setTimeout(ask, 250);
}

function follow(streams) {
  for (const [name, stop] of followed) {
    if (name in streams) continue;
    stop();
    followed.delete(name);
  }
  for (const [name, head] of Object.entries(streams)) {
    if (!followed.has(name)) followed.set(name, live.follow(name, head, (entries) => heard(entries), { onReset: soon, onGone: () => (followed.delete(name), soon()) }));
  }
}

function heard(entries) {
  const unread = entries.findLast((entry) => entry.data.unread !== undefined)?.data.unread;
  if (unread !== undefined) document.dispatchEvent(new CustomEvent("openhall:unread", { detail: unread }));
  // What one says oneself is nothing to read.
  if (!entries.every((entry) => entry.kind === "message.said" && entry.by.key === me)) soon();
}

if (link) {
  ask();
  document.addEventListener("visibilitychange", () => document.hidden || soon());
  live.addEventListener("state", () => live.state !== "offline" && soon());
}
