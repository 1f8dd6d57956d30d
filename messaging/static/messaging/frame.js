// The desk in a frame: the house's own pages of the conversation, shown one at a time. Everything that can be done on
// those pages can be done here. On another web site they are fetched with a pass because no cookie travels there; in the
// sheet on our own pages they are the reader's own.
import { live } from "../journal/live.js";
import { Chat } from "./chat.js";
import { browser, tab } from "./keep.js";
import { choosesWord } from "./keys.js";

const shell = document.querySelector("[data-frame]");
const box = shell.querySelector("[data-box]");
const { start, resumed, passUrl, unreadUrl, language, failedText } = shell.dataset;
const isOwn = !passUrl;
const query = new URLSearchParams(location.search);
// Only the web sites of this desk hear from us.
const around = shell.dataset.origins.split(" ").includes(query.get("at")) ? query.get("at") : location.origin;
const KEPT = `openhall.frame.${start}`;
let kept = {};
let chat = null;
let busy = false;

const tell = (what, more = {}) => parent !== window && parent.postMessage({ openhall: what, ...more }, around);

function keep(changes) {
  kept = { ...kept, ...changes };
  if (isOwn) {
    tab.set(KEPT, JSON.stringify(kept));
    return;
  }
  browser.set(KEPT, JSON.stringify(kept));
  // Browsers that let frames keep nothing: the page around us, one of this desk's own web sites, keeps it for its tab.
  if (!browser.works) tell("keep", { kept: JSON.stringify(kept) });
}

function keptAround() {
  return new Promise((done) => {
    addEventListener("message", (event) => {
      if (event.origin === around && event.source === parent && event.data?.openhall === "kept") done(event.data.kept);
    });
    tell("asking");
    setTimeout(done, 1500);
  });
}

try {
  if (isOwn) kept = JSON.parse(tab.get(KEPT)) ?? {};
  else kept = JSON.parse(browser.works || parent === window ? browser.get(KEPT) : await keptAround()) ?? {};
} catch {
  // Whatever lay there is not ours.
}

const headers = () => (isOwn ? {} : { "X-Openhall-Language": language, ...(kept.pass ? { "X-Openhall-Pass": kept.pass } : {}) });
live.headers = headers();

async function letIn() {
  if (isOwn || kept.pass) return;
  const answer = await fetch(passUrl, { method: "POST" });
  if (!answer.ok) throw new Error(failedText);
  keep({ pass: (await answer.json()).pass });
  live.headers = headers();
}

// Pictures and files need the pass as well: pictures are fetched and shown, files fetched and saved.
if (!isOwn) live.prepare = (part) => {
  for (const picture of part.querySelectorAll("img[src^='/']")) {
    const src = picture.getAttribute("src");
    picture.removeAttribute("src");
    picture.removeAttribute("loading");
    fetchBlob(src).then((address) => address && (picture.src = address));
  }
  return part;
};

async function fetchBlob(url) {
  const answer = await live.load(url).catch(() => null);
  return answer?.ok ? URL.createObjectURL(await answer.blob()) : "";
}

async function save(link) {
  const address = await fetchBlob(link.getAttribute("href"));
  if (!address) return;
  Object.assign(document.createElement("a"), { href: address, download: link.download }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

async function go(url, options) {
  if (busy) return;
  busy = true;
  try {
    const answer = await live.load(url, options);
    // The pass has run out, or the conversation is no longer there: begin anew.
    if (answer.status === 404 && url !== start) {
      keep({ pass: "", place: "" });
      live.headers = headers();
      busy = false;
      await go(start);
      return;
    }
    const { pathname, search } = new URL(answer.url);
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    if (/^\/(chat|cases)\/./.test(pathname)) keep({ place: pathname });
    else keep({ place: search ? "" : kept.place });
  } catch {
    shell.querySelector("[data-failed]").hidden = false;
  }
  busy = false;
}

function show(page) {
  shell.querySelector("[data-failed]").hidden = true;
  chat?.stop();
  chat = null;
  const content = live.prepare(page).querySelector("main > div");
  if (!content) return;
  box.replaceChildren(...content.childNodes);
  const root = box.querySelector("[data-talk]");
  shell.classList.toggle("is-talk", Boolean(root));
  if (root) {
    chat = new Chat(root);
    chat.thread.addEventListener("heard", () => setTimeout(count, 400));
    chat.thread.addEventListener("read", () => setTimeout(count, 400));
  }
  if (document.hasFocus()) (box.querySelector("textarea:not([hidden])") ?? box).focus();
}

async function count() {
  const answer = await live.load(unreadUrl, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) tell("unread", { unread: (await answer.json()).unread });
}

box.addEventListener("submit", async (event) => {
  if (event.defaultPrevented) return;
  event.preventDefault();
  const form = event.target;
  const body = new FormData(form, event.submitter);
  const url = event.submitter?.getAttribute("formaction") || form.getAttribute("action") || kept.place || start;
  if (form.method !== "post") {
    go(`${url}?${new URLSearchParams(body)}`);
    return;
  }
  try {
    await letIn();
  } catch {
    shell.querySelector("[data-failed]").hidden = false;
    return;
  }
  go(url, { method: "POST", body });
});

box.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented) return;
  const to = new URL(link.href, location.href);
  if (link.hasAttribute("download") && !isOwn) {
    event.preventDefault();
    save(link);
  } else if (to.origin === location.origin && to.pathname === location.pathname && to.hash && !to.search) {
    // Within the page.
  } else if (to.origin === location.origin && /^\/(chat|cases)\//.test(to.pathname) && !to.pathname.endsWith("/transcript/")) {
    event.preventDefault();
    go(link.getAttribute("href").startsWith("?") ? `/chat/${to.search}` : to.pathname + to.search);
  } else if (!link.hasAttribute("download")) link.target = isOwn ? "_top" : "_blank";
});

document.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && !choosesWord(event) && tell("close"));
shell.querySelector("[data-close]").addEventListener("click", () => tell("close"));
shell.querySelector("[data-again]").addEventListener("click", () => go(kept.place || start));
addEventListener("message", (event) => {
  if (event.origin !== around || event.source !== parent || event.data?.openhall !== "shown") return;
  (box.querySelector("[data-say]:not([hidden])") ?? box.querySelector("textarea") ?? box).focus();
  chat?.thread.markRead();
});

if (shell.dataset.colour) document.documentElement.style.setProperty("--accent", shell.dataset.colour);
if (parent === window) shell.querySelector("[data-close]").hidden = true;
await go(resumed || ((isOwn || kept.pass) && kept.place) || start);
tell("ready");
