// New replies are announced by a bar; nothing jumps under the reader's eyes.
const section = document.querySelector("[data-stream]");
const bar = document.querySelector("[data-arrived]");
let arrived = 0;

function announce(entries) {
  const replies = entries.filter((entry) => entry.kind === "topic.replied");
  if (!replies.length) return;
  arrived += replies.length;
  bar.textContent = arrived === 1 ? section.dataset.one : section.dataset.many.replace("#", arrived);
  bar.href = `?reply=${replies.at(-1).data.reply}`;
  bar.hidden = false;
}

if (section && bar) {
  const { live } = await import(section.dataset.liveModule);
  live.follow(section.dataset.stream, Number(section.dataset.after), announce, {
    epoch: section.dataset.epoch,
    onGone: () => location.reload(),
  });
}
