// Drawing the area of a routing rule: each tap on the map, or Enter at the pin, adds a corner to the field; Delete takes
// the last one away. The field is what is sent: corners written by hand appear on the map as well.
import "./map.js";

const map = document.querySelector("city-map[draw]");
const field = document.querySelector("[name=polygon]");

const lines = () => field.value.split("\n").filter((line) => line.trim());

// What the field says, as far as it can be read; a pasted polygon is shown once it has been saved.
function corners() {
  const read = lines().map((line) => line.trim().split(/[,\uFF0C\s]+/).map(Number));
  return read.filter((corner) => corner.length === 2 && corner.every(Number.isFinite));
}

function show() {
  const found = corners();
  map.areas = found.length > 1 ? [{ corners: found }] : [];
  return found;
}

map?.addEventListener("set", () => {
  field.value = [...lines(), map.pin.map((number) => number.toFixed(5)).join(", ")].join("\n");
  show();
});

map?.addEventListener("place", ({ detail }) => {
  if (detail.latitude !== null) return;
  field.value = lines().slice(0, -1).join("\n");
  // The pin goes back to the corner before, so that Delete can be pressed again.
  map.pin = show().at(-1) ?? null;
});

if (map) {
  field.addEventListener("input", show);
  field.closest(".field").append(map);
  map.hidden = false;
  show();
}
