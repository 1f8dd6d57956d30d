// The page of those who hold an interview: asked anew when something was asked, put or answered; what one writes stays.
import { live } from "../journal/live.js";

const desk = document.querySelector("[data-interview-desk]");
let asked = null;

function written() {
  return new Map([...desk.querySelectorAll("textarea, input[type=text], input:not([type])")].filter((field) => field.id).map((field) => [field.id, field.value]));
}

function refresh() {
  asked ??= setTimeout(async () => {
    asked = null;
    const answer = await fetch(desk.dataset.url).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-part=desk]");
    const kept = written();
    const focus = document.activeElement?.id;
    desk.querySelector("[data-part=desk]").replaceWith(document.adoptNode(fresh));
    for (const [id, value] of kept) if (value && document.getElementById(id)) document.getElementById(id).value = value;
    if (focus && desk.querySelector(`#${CSS.escape(focus)}`)) document.getElementById(focus).focus();
  }, 300);
}

for (const pair of desk.dataset.streams.split(" ")) {
  const [stream, after] = pair.split(",");
  const take = (entries) => (entries.some((entry) => entry.kind.startsWith("interview.")) ? location.reload() : refresh());
  live.follow(stream, Number(after), take, { onReset: () => location.reload() });
}
