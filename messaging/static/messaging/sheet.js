// The conversation at the foot of any page: the door opens a sheet over the page instead of leading away from it. It stays
// open while the reader walks from page to page, and goes on where it was.
import { tab } from "./keep.js";

const door = document.querySelector("[data-sheet]");
const unread = door.querySelector("[data-sheet-unread]");
const OPEN = "openhall.sheet.open";
let frame = null;
let ready = false;

const tell = (what) => ready && frame.contentWindow.postMessage({ openhall: what }, location.origin);

function make() {
  frame = Object.assign(document.createElement("iframe"), { id: "chat-sheet", className: "chat-sheet", title: door.dataset.title, src: door.dataset.sheet });
  door.after(frame);
}

function show(open, focus = true) {
  if (open && !frame) make();
  if (frame) frame.hidden = !open;
  tab.set(OPEN, open ? "1" : "");
  door.setAttribute("aria-expanded", String(open));
  door.classList.toggle("is-open", open);
  unread.hidden = open || !Number(unread.firstChild.data);
  if (focus) (open ? frame : door).focus();
  tell(open ? "shown" : "hidden");
}

door.addEventListener("click", (event) => {
  // With a key held the reader wants the link: another tab.
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(true);
});
addEventListener("message", (event) => {
  if (event.origin !== location.origin || event.source !== frame?.contentWindow) return;
  const { openhall: what, unread: count } = event.data ?? {};
  if (what === "close") show(false);
  else if (what === "ready") {
    ready = true;
    if (document.activeElement === frame) tell("shown");
  } else if (what === "unread" && Number.isInteger(count)) {
    unread.firstChild.data = String(count);
    unread.hidden = !frame.hidden || !count;
  }
});
door.setAttribute("aria-expanded", "false");
door.setAttribute("aria-controls", "chat-sheet");
if (tab.get(OPEN)) show(true, false);
