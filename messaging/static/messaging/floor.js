// The floor: asked anew when a desk's stream moves, and every half minute for what no entry tells (who went silent).
import { live } from "../journal/live.js";

const floor = document.querySelector("[data-floor]");
const followed = new Set();
let asked = null;

function refresh() {
  asked ??= setTimeout(async () => {
    asked = null;
    // Somebody writes a reason, or is about to: it stays as it is until they are done.
    if (floor.querySelector("details[open]") || floor.contains(document.activeElement) && document.activeElement.matches("input, select")) return;
    const answer = await fetch(floor.dataset.url).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-part=floor]");
    if (fresh) floor.querySelector("[data-part=floor]").replaceWith(document.adoptNode(fresh));
    follow();
  }, 400);
}

function follow() {
  for (const row of floor.querySelectorAll("[data-stream]")) {
    const { stream, after } = row.dataset;
    if (followed.has(stream)) continue;
    followed.add(stream);
    live.follow(stream, Number(after), refresh, { onReset: () => location.reload() });
  }
}

follow();
setInterval(refresh, 30000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
