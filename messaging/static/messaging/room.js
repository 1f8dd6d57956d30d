// A room of colleagues: what is said comes live, what one writes is said once, the list at the left stays true.
import { live } from "../journal/live.js";
import { Bell } from "./bell.js";
import { Thread } from "./thread.js";

const rooms = document.querySelector("[data-rooms]");
const room = document.querySelector("[data-room]");
const followed = new Set([room?.dataset.stream]);
const bell = new Bell(rooms.querySelector("[data-sound]"));
let asked = null;

function unread() {
  return Number(rooms.querySelector("[data-part=rooms]").dataset.unread) || 0;
}

function refresh() {
  asked ??= setTimeout(async () => {
    asked = null;
    const answer = await fetch(rooms.dataset.listUrl).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-part=rooms]");
    const before = unread();
    if (fresh) rooms.querySelector("[data-part=rooms]").replaceWith(document.adoptNode(fresh));
    bell.count(unread());
    if (unread() > before) bell.ring();
    follow();
  }, 300);
}

function follow() {
  // One socket follows fifty streams; the list is asked for each half minute as well.
  for (const row of [...rooms.querySelectorAll("[data-part=rooms] [data-stream]")].slice(0, 40)) {
    const { stream, after } = row.dataset;
    if (followed.has(stream)) continue;
    followed.add(stream);
    live.follow(stream, Number(after), refresh, { onReset: () => location.reload() });
  }
}

function open() {
  const thread = new Thread(room);
  for (const what of ["line", "read", "changed"]) thread.addEventListener(what, refresh);
  thread.addEventListener("gone", () => location.assign(rooms.dataset.listUrl.split("?")[0]));
  thread.start();
  thread.input.focus();
}

if (room) open();
bell.count(unread());
follow();
setInterval(refresh, 30000);
