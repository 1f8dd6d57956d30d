// A room of colleagues: what is said comes live, what one writes is said once, the list at the left stays true.
import { live } from "../journal/live.js";

const rooms = document.querySelector("[data-rooms]");
const room = document.querySelector("[data-room]");
const followed = new Set([room?.dataset.stream]);
let asked = null;

function refresh() {
  asked ??= setTimeout(async () => {
    asked = null;
    const answer = await fetch(rooms.dataset.listUrl).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-part=rooms]");
    if (fresh) rooms.querySelector("[data-part=rooms]").replaceWith(document.adoptNode(fresh));
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
  const list = room.querySelector("[data-thread]");
  const scroll = room.querySelector("[data-scroll]");
  const form = room.querySelector("[data-composer]");
  const input = room.querySelector("[data-say]");
  const bubble = room.querySelector("template[data-bubble]");
  const typing = room.querySelector("[data-typing]");
  const { stream, after, epoch, me, timeZone } = room.dataset;
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
  const toEnd = () => (scroll.scrollTop = scroll.scrollHeight);
  let typingTimer;

  const build = (name, text, at, mine) => {
    const item = bubble.content.firstElementChild.cloneNode(true);
    item.classList.toggle("bubble-mine", mine);
    item.querySelector(".who").hidden = mine;
    item.querySelector(".who strong").textContent = name;
    item.querySelector(".prose").textContent = text;
    const time = item.querySelector("time");
    time.dateTime = at.toISOString();
    time.textContent = clock.format(at);
    return item;
  };

  const read = () => {
    const last = [...list.querySelectorAll("[data-seq]")].at(-1);
    if (last && !document.hidden) live.read(stream, Number(last.dataset.seq));
  };

  const take = (entries) => {
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
    for (const entry of entries) {
      if (list.querySelector(`[data-seq="${entry.seq}"]`)) continue;
      const mine = entry.by.key === me;
      if (entry.kind === "message.said") {
        const shown = mine && list.querySelector(`[data-key="${CSS.escape(entry.data.key)}"]`);
        const item = shown || build(entry.data.name, entry.data.text, new Date(entry.at), mine);
        item.classList.remove("is-sending");
        item.dataset.seq = entry.seq;
        list.append(item);
      } else if (entry.data.name) {
        const line = document.createElement("li");
        line.className = "thread-line";
        line.dataset.seq = entry.seq;
        line.textContent = `${entry.data.name} ${entry.kind === "room.left" ? room.dataset.textLeft : room.dataset.textJoined}`;
        list.append(line);
      }
    }
    typing.hidden = true;
    if (atEnd) toEnd();
    read();
    refresh();
  };

  const say = async (text) => {
    const key = live.newKey();
    const item = build("", text, new Date(), true);
    item.dataset.key = key;
    item.classList.add("is-sending");
    list.append(item);
    toEnd();
    try {
      const { seq } = await live.say(stream, key, text);
      item.dataset.seq ??= seq;
      item.classList.remove("is-sending");
    } catch (error) {
      item.classList.replace("is-sending", "is-failed");
      item.querySelector(".when").textContent = error?.message || room.dataset.textFailed;
      input.value ||= text;
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    input.focus();
    say(text);
  });
  input.addEventListener("keydown", (event) => {
    // Enter also ends the choice of a Chinese word; that is not sending.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  });
  input.addEventListener("input", () => input.value && live.typing(stream));
  live.follow(stream, Number(after), take, {
    epoch,
    onReset: () => location.reload(),
    onGone: () => location.assign(rooms.dataset.listUrl.split("?")[0]),
    onTyping: () => {
      typing.hidden = false;
      clearTimeout(typingTimer);
      typingTimer = setTimeout(() => (typing.hidden = true), 5000);
    },
  });
  document.addEventListener("visibilitychange", read);
  toEnd();
  input.focus();
}

if (room) open();
follow();
setInterval(refresh, 30000);
