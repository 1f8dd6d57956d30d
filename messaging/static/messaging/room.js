// A room of colleagues: what is said comes live, what one writes is said once, the list at the left stays true.
import { live } from "../journal/live.js";
import { Attach } from "./attach.js";
import { Bell } from "./bell.js";

const rooms = document.querySelector("[data-rooms]");
const room = document.querySelector("[data-room]");
const followed = new Set([room?.dataset.stream]);
const isRich = (data) => data.files || /https?:\/\//i.test(data.text);
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
  const list = room.querySelector("[data-thread]");
  const scroll = room.querySelector("[data-scroll]");
  const form = room.querySelector("[data-composer]");
  const input = room.querySelector("[data-say]");
  const bubble = room.querySelector("template[data-bubble]");
  const typing = room.querySelector("[data-typing]");
  const { stream, after, epoch, me, timeZone } = room.dataset;
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
  const toEnd = () => (scroll.scrollTop = scroll.scrollHeight);
  const attach = new Attach(room, form);
  let typingTimer;
  let submitting = false;

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
        if (isRich(entry.data)) dress(entry.seq);
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

  // Files and web addresses as the server shows them.
  const dress = async (seq) => {
    const answer = await fetch(`${location.pathname}?only=${seq}`).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(`<ol>${await answer.text()}</ol>`, "text/html");
    const line = page.querySelector(`[data-seq="${seq}"]`);
    const shown = list.querySelector(`[data-seq="${seq}"]`);
    if (!line || !shown) return;
    line.dataset.key = shown.dataset.key ?? "";
    for (const picture of line.querySelectorAll("img")) picture.addEventListener("load", toEnd);
    shown.replaceWith(document.adoptNode(line));
  };

  const say = async (text, files) => {
    const key = live.newKey();
    const item = build("", [text, ...files.map((file) => file.name)].filter(Boolean).join("\n"), new Date(), true);
    item.dataset.key = key;
    item.classList.add("is-sending");
    list.append(item);
    toEnd();
    try {
      const { seq } = await live.say(stream, key, text, files.length ? { files: files.map((file) => file.key) } : {});
      item.dataset.seq ??= seq;
      item.classList.remove("is-sending");
      if (files.length || isRich({ text })) dress(seq);
    } catch (error) {
      item.classList.replace("is-sending", "is-failed");
      item.querySelector(".when").textContent = error?.message || room.dataset.textFailed;
      input.value ||= text;
    }
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (submitting || (!text && !attach.any)) return;
    submitting = true;
    const files = attach.any ? await attach.take().finally(() => (submitting = false)) : [];
    submitting = false;
    if (!text && !files.length) return;
    // What was typed while the files went up belongs to the next message.
    if (input.value.trim() === text) input.value = "";
    input.focus();
    say(text, files);
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
    onTyping: (frame) => {
      if (frame?.by?.key === me) return;
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
bell.count(unread());
follow();
setInterval(refresh, 30000);
