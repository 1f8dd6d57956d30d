// The supervision board: fresh lines whenever something moves, and choosing many cases at once.
import {live} from "../journal/live.js";

const AGAIN_MS = 30000; // lights turn by themselves, and a whisper may be lost
const CALM_MS = 800; // a busy hour moves the board many times a second

const board = document.querySelector("[data-board]");
const chosen = document.querySelector("[data-chosen]");

if (board) followBoard();
if (chosen) countChosen();

function followBoard() {
  const place = document.querySelector("#board-lines");
  let timer;
  let busy = false;

  async function refresh() {
    if (busy || document.hidden) return;
    busy = true;
    try {
      const answer = await fetch(board.dataset.lines, {credentials: "same-origin", headers: {"X-Requested-With": "fetch"}});
      if (answer.ok) put(await answer.text());
    } catch {
      // The next turn tries again; the line below the board says that there is no connection.
    } finally {
      busy = false;
    }
  }

  function put(html) {
    const held = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const wrap = place.querySelector(".board-wrap");
    const [left, top] = [wrap?.scrollLeft ?? 0, wrap?.scrollTop ?? 0];
    const before = numbers();
    place.innerHTML = html;
    place.querySelector(".board-wrap")?.scrollTo(left, top);
    if (held) place.querySelector(`[href="${CSS.escape(held)}"]`)?.focus({preventScroll: true});
    for (const [key, cell] of cells()) if (before.has(key) && before.get(key) !== cell.textContent) cell.classList.add("moved");
  }

  const cells = () => [...place.querySelectorAll("tr[data-row] td")].map((cell) => [`${cell.parentElement.dataset.row} ${cell.cellIndex}`, cell]);
  const numbers = () => new Map(cells().map(([key, cell]) => [key, cell.textContent]));
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, CALM_MS);
  };

  live.follow(board.dataset.board, 0, soon, {onWhisper: soon, onReset: soon});
  setInterval(refresh, AGAIN_MS);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
}

function countChosen() {
  const boxes = [...chosen.querySelectorAll("input[name=cases]")];
  const all = chosen.querySelector("[data-all]");
  const count = chosen.querySelector("[data-count]");
  const show = () => {
    const number = boxes.filter((box) => box.checked).length;
    if (all) {
      all.checked = number === boxes.length && number > 0;
      all.indeterminate = number > 0 && number < boxes.length;
    }
    if (count) count.textContent = number ? `${number} ${chosen.dataset.chosenOne}` : "";
  };
  all?.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of boxes) box.addEventListener("change", show);
  show();
}
