// What every page does beyond its HTML: nothing that it needs to work.

// The unread badge of the header follows the person's notices where the page says so.
const badge = document.querySelector("[data-unread]");
document.addEventListener("openhall:unread", (event) => {
  if (!badge) return;
  badge.firstChild.data = String(event.detail);
  badge.hidden = !event.detail;
});

// A button that was pressed is not pressed twice while its answer is under way.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !(event.target instanceof HTMLFormElement) || event.target.method !== "post") return;
  const button = event.submitter;
  if (!(button instanceof HTMLButtonElement)) return;
  setTimeout(() => button.setAttribute("aria-disabled", "true"));
  setTimeout(() => button.removeAttribute("aria-disabled"), 8000);
});
document.addEventListener(
  "click",
  (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[aria-disabled=true]") : null;
    if (button) event.preventDefault();
  },
  true,
);

// Copying and printing, offered only where they work.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.dataset.was ??= button.textContent;
    button.textContent = button.dataset.done ?? "✓";
    setTimeout(() => (button.textContent = button.dataset.was), 2000);
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A page for when there is no connection, and messages for whoever asks for them.
if ("serviceWorker" in navigator && isSecureContext) {
  addEventListener("load", () => navigator.serviceWorker.register("/worker.js").catch(() => {}));
}
