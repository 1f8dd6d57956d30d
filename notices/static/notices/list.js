// Tells that new notices have come while the list is open; the reader decides when to load them.
import { live } from "../journal/live.js";

const list = document.getElementById("notices");

if (list?.dataset.stream) {
  const status = list.querySelector(".notices-new");
  const show = () => {
    if (status.firstChild) return;
    const link = document.createElement("a");
    link.href = location.pathname;
    link.className = "button";
    link.textContent = list.dataset.new;
    status.append(link);
  };
  const onEntries = (entries) => {
    if (entries.some((entry) => entry.kind === "notice.made")) show();
    const unread = entries.at(-1)?.data.unread;
    if (unread !== undefined) document.dispatchEvent(new CustomEvent("openhall:unread", { detail: unread }));
  };
  live.follow(list.dataset.stream, Number(list.dataset.after), onEntries, { epoch: list.dataset.epoch, onReset: show });
}
