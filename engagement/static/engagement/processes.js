/** The process editor: the diagram and the problems follow what is entered; a replay looks again by itself. */
const form = document.querySelector("[data-preview]");
const WAIT = 300;
let timer = 0;
let asked = 0;

async function preview() {
  const number = (asked += 1);
  const answer = await fetch(form.dataset.preview, {
    method: "POST",
    body: new FormData(form),
    headers: { "X-Requested-With": "fetch" },
  }).catch(() => null);
  // 204: something cannot be read yet; the last picture stays.
  if (number !== asked || answer?.status !== 200) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const beside = page.querySelector("[data-beside]");
  document.querySelector("[data-problems]").textContent = beside.dataset.said;
  document.querySelector("[data-beside]")?.replaceWith(beside);
}

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(preview, WAIT);
});

// On a phone the steps stand in one line: the open one must be in it.
document.querySelector(".flow-jump [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const again = document.querySelector("[data-again]");
if (again) setTimeout(() => location.reload(), Number(again.dataset.again) * 1000);
