// What officials say among themselves about a talk: shown as it comes, said from the small box below it.
import { live } from "../journal/live.js";

export function whispers(onHeard = () => {}) {
  const box = document.querySelector("[data-asides]");
  if (!box) return;
  const list = box.querySelector("[data-aside-list]");
  const line = box.querySelector("[data-aside-line]");
  const form = box.querySelector("[data-whisper]");
  const { stream, after, epoch } = box.dataset;
  const { timeZone } = document.querySelector("[data-time-zone]").dataset;
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });

  const show = (entry) => {
    if (!["aside.said", "aside.handed_over"].includes(entry.kind) || list.querySelector(`[data-seq="${entry.seq}"]`)) return;
    const item = line.content.firstElementChild.cloneNode(true);
    item.dataset.seq = entry.seq;
    item.querySelector("strong").textContent = entry.data.name;
    const time = item.querySelector("time");
    time.dateTime = entry.at;
    time.textContent = clock.format(new Date(entry.at));
    item.querySelector("p").textContent = entry.data.text;
    list.append(item);
    item.scrollIntoView({ block: "nearest" });
    onHeard();
  };
  live.follow(stream, Number(after), (entries) => entries.forEach(show), { epoch, onReset: () => location.reload() });

  if (!form) return;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = form.querySelector("[name=text]");
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    live.say(stream, live.newKey(), text).catch(() => (field.value = text));
  });
}
