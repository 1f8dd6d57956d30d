// The receipt: the draft has done its work, and number and code can be kept as a picture.
const filed = document.querySelector("[data-filed]");
try {
  localStorage.removeItem(`draft-${filed.dataset.filed}`);
} catch {
  // Storage may be switched off; then there was no draft either.
}

function picture(lines) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1000, height: 160 + lines.length * 90 });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#0b5cad";
  pen.fillRect(0, 0, canvas.width, 16);
  pen.fillStyle = "#1b2430";
  lines.forEach((line, place) => {
    pen.font = `${place ? 44 : 36}px system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif`;
    pen.fillText(line, 60, 110 + place * 90, canvas.width - 120);
  });
  return canvas;
}

for (const button of document.querySelectorAll("[data-picture]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    picture(button.dataset.lines.split("\n")).toBlob((blob) => {
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: button.dataset.name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
  });
}
