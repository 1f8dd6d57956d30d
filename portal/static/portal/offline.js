// Back to what was asked for as soon as there is a connection again.
addEventListener("online", () => location.reload());
// Some browsers do not tell, or tell too early: a look every few seconds.
setInterval(async () => (await fetch("/healthz", { cache: "no-store" }).catch(() => null))?.ok && location.reload(), 4000);
document.querySelector("[data-again]").addEventListener("click", (event) => {
  event.preventDefault();
  location.reload();
});
