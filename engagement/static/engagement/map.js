// <city-map>: the city's own map as an SVG, with a pin or with areas; nothing is loaded from elsewhere unless told to.
// Attributes: src (GeoJSON), latitude, longitude (the pin), pick (the reader may set it), tiles, credit, and the words
// data-help, data-near, data-none, data-larger, data-smaller, data-away.
// It fires "place" with {latitude, longitude, area} whenever the reader has moved the pin; null without one; and "set"
// when the pin has been put down, by a tap or with Enter: what draws (the attribute draw) takes it for a corner.
const SVG = "http://www.w3.org/2000/svg";
const TILE = 256;
const LEAST = 10;
const MOST = 18;
const LAYERS = ["district", "street", "park", "water", "canal", "rail", "road"];
const AREAS = ["street", "district"];
// From which zoom on the names of a kind are written.
const NAMED = { district: 0, street: 12.5, park: 13.5, water: 12, road: 14, canal: 14, place: 14.2 };

const english = () => document.documentElement.lang.startsWith("en");
const nameOf = (known) => (english() && known.name_en) || known.name || "";
const make = (tag, attributes = {}, words = "") => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (words) node.textContent = words;
  return node;
};

/** World coordinates of the Mercator projection at zoom 0, 256 wide, as tile servers have them. */
export function project(latitude, longitude) {
  const sine = Math.sin((latitude * Math.PI) / 180);
  return [TILE * (longitude / 360 + 0.5), TILE * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI))];
}

/** The point on Earth of world coordinates. */
export function unproject(x, y) {
  const longitude = (x / TILE - 0.5) * 360;
  const latitude = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / TILE))) * 180) / Math.PI;
  return [latitude, longitude];
}

/** Whether the point lies within the ring of [longitude, latitude] corners. */
export function inside(latitude, longitude, ring) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [x1, y1] = ring[i];
    const [x2, y2] = ring[j];
    if (y1 > latitude !== y2 > latitude && longitude < x1 + ((latitude - y1) / (y2 - y1)) * (x2 - x1)) odd = !odd;
  }
  return odd;
}

const loaded = new Map();
function baseOf(address) {
  if (!loaded.has(address)) {
    loaded.set(address, fetch(address).then((answer) => (answer.ok ? answer.json() : { features: [] })).catch(() => ({ features: [] })));
  }
  return loaded.get(address);
}

export class CityMap extends HTMLElement {
  #features = [];
  #areas = [];
  #pin = null;
  #center = [0, 0];
  #zoom = 12;
  #fingers = new Map();
  #frame = 0;

  async connectedCallback() {
    if (this.svg) return;
    this.#build();
    this.#features = (await baseOf(this.getAttribute("src"))).features;
    const [latitude, longitude] = ["latitude", "longitude"].map((name) => parseFloat(this.getAttribute(name)));
    if (Number.isFinite(latitude) && Number.isFinite(longitude)) this.#pin = [latitude, longitude];
    this.#look();
    new ResizeObserver(() => this.draw()).observe(this.svg);
    this.draw();
    this.#tell();
  }

  /** Where the pin stands as [latitude, longitude], or null. */
  get pin() {
    return this.#pin;
  }

  /** Put the pin, or take it away with null; the map moves only when the pin would be out of sight. */
  set pin(point) {
    this.#pin = point;
    if (point && !this.#isInSight(point)) this.#center = project(...point);
    this.draw();
    this.#tell();
  }

  /** Show areas, each {corners: [[latitude, longitude], …], name, className}, above the city's own map. */
  set areas(areas) {
    this.#areas = areas;
    this.draw();
  }

  /** The name of the smallest area around a point, "" outside of all. */
  areaAt(latitude, longitude) {
    for (const kind of AREAS) {
      const found = this.#features.find(
        ({ properties, geometry }) => properties.kind === kind && geometry.type === "Polygon" && inside(latitude, longitude, geometry.coordinates[0]),
      );
      if (found) return nameOf(found.properties);
    }
    return "";
  }

  /** The point on Earth under a place of the element, in its pixels. */
  at(x, y) {
    const [width, height] = this.#size();
    const scale = 2 ** this.#zoom;
    return unproject(this.#center[0] + (x - width / 2) / scale, this.#center[1] + (y - height / 2) / scale);
  }

  #build() {
    const { help, larger, smaller, away } = this.dataset;
    const picks = this.hasAttribute("pick");
    this.svg = make("svg", { class: "map-view", role: picks ? "application" : "img", "aria-label": help ?? "" });
    if (picks) this.svg.setAttribute("tabindex", "0");
    this.said = Object.assign(document.createElement("p"), { className: "map-said" });
    this.said.setAttribute("role", "status");
    const buttons = Object.assign(document.createElement("div"), { className: "map-buttons" });
    const button = (sign, label, run) => {
      const made = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: sign, title: label });
      made.setAttribute("aria-label", label);
      made.addEventListener("click", run);
      buttons.append(made);
      return made;
    };
    button("+", larger, () => this.#enlarge(1));
    button("−", smaller, () => this.#enlarge(-1));
    if (picks) this.removes = button("×", away, () => this.#move(null));
    const credit = this.getAttribute("credit");
    this.replaceChildren(this.svg, buttons, this.said);
    if (credit) this.append(Object.assign(document.createElement("p"), { className: "map-credit", textContent: credit }));
    this.#listen(picks);
  }

  #listen(picks) {
    const view = this.svg;
    view.addEventListener("pointerdown", (event) => {
      this.#fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
      this.moved = false;
      view.setPointerCapture(event.pointerId);
    });
    view.addEventListener("pointermove", (event) => this.#drag(event));
    for (const kind of ["pointerup", "pointercancel"]) {
      view.addEventListener(kind, (event) => {
        const held = this.#fingers.delete(event.pointerId);
        if (held && picks && kind === "pointerup" && !this.moved && !this.#fingers.size) this.#tap(event.offsetX, event.offsetY);
      });
    }
    view.addEventListener("wheel", (event) => {
      // A page is scrolled with the wheel; with Ctrl, as browsers do it, the map grows.
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.#enlarge(event.deltaY < 0 ? 0.5 : -0.5, event.offsetX, event.offsetY);
    }, { passive: false });
    view.addEventListener("keydown", (event) => this.#key(event, picks));
  }

  #drag(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const now = [event.offsetX, event.offsetY];
    if (!this.moved && Math.hypot(now[0] - before[0], now[1] - before[1]) < 4) return;
    this.moved = true;
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const wide = (point) => Math.max(10, Math.hypot(point[0] - other[0], point[1] - other[1]));
      this.#enlarge(Math.log2(wide(now) / wide(before)), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else {
      const scale = 2 ** this.#zoom;
      this.#center = [this.#center[0] - (now[0] - before[0]) / scale, this.#center[1] - (now[1] - before[1]) / scale];
      this.#later();
    }
    this.#fingers.set(event.pointerId, now);
  }

  #key(event, picks) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const far = event.shiftKey ? 60 : 12;
    if (step) {
      const [width, height] = this.#size();
      const from = this.#pin ? this.#place(this.#pin) : [width / 2, height / 2];
      this.#move(this.at(from[0] + step[0] * far, from[1] + step[1] * far));
    } else if (event.key === "Enter" || event.key === " ") {
      const [width, height] = this.#size();
      if (!this.#pin) this.#move(this.at(width / 2, height / 2));
      this.#putDown();
    } else if (event.key === "+" || event.key === "=") this.#enlarge(1);
    else if (event.key === "-") this.#enlarge(-1);
    else if (picks && (event.key === "Delete" || event.key === "Backspace")) this.#move(null);
    else return;
    event.preventDefault();
  }

  /** Set the pin where the reader tapped, and come near enough that streets have names: a finger is wide. */
  #tap(x, y) {
    const point = this.at(x, y);
    if (this.#zoom < NAMED.place && !this.hasAttribute("draw")) this.#enlarge(NAMED.place + 0.3 - this.#zoom, x, y);
    this.#move(point);
    this.#putDown();
  }

  #putDown() {
    if (this.hasAttribute("pick")) this.dispatchEvent(new CustomEvent("set", { bubbles: true }));
  }

  /** The reader moves the pin. */
  #move(point) {
    if (!this.hasAttribute("pick")) return;
    this.pin = point && point.map((number) => Math.round(number * 1e5) / 1e5);
    const [latitude, longitude] = this.#pin ?? [null, null];
    const detail = { latitude, longitude, area: this.#pin ? this.areaAt(latitude, longitude) : "" };
    this.dispatchEvent(new CustomEvent("place", { bubbles: true, detail }));
  }

  #tell() {
    if (this.removes) this.removes.hidden = !this.#pin;
    const { near = "#", none = "" } = this.dataset;
    if (!this.#pin) return (this.said.textContent = none);
    const place = this.#pin.map((number) => number.toFixed(5)).join(", ");
    const area = this.areaAt(...this.#pin);
    // Numbers are of use to those who drive there.
    const said = this.hasAttribute("exact") ? [area, place].filter(Boolean).join(" · ") : area || place;
    this.said.textContent = near.replace("#", said);
  }

  #enlarge(by, x, y) {
    const [width, height] = this.#size();
    const fixed = [x ?? width / 2, y ?? height / 2];
    const zoom = Math.min(MOST, Math.max(LEAST, this.#zoom + by));
    const scale = 1 / 2 ** this.#zoom - 1 / 2 ** zoom;
    this.#center = [this.#center[0] + (fixed[0] - width / 2) * scale, this.#center[1] + (fixed[1] - height / 2) * scale];
    this.#zoom = zoom;
    this.#later();
  }

  /** Begin with the pin in the middle, or with all of the city. */
  #look() {
    const points = this.#features.filter(({ properties }) => properties.kind === "district").flatMap(({ geometry }) => geometry.coordinates[0]);
    const all = points.map(([longitude, latitude]) => project(latitude, longitude));
    if (all.length) {
      const [xs, ys] = [0, 1].map((axis) => all.map((point) => point[axis]));
      const ends = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      const [width, height] = this.#size();
      this.#center = [(ends[0] + ends[1]) / 2, (ends[2] + ends[3]) / 2];
      this.#zoom = Math.min(MOST, Math.log2(Math.min(width / (ends[1] - ends[0]), height / (ends[3] - ends[2])) * 0.94));
    }
    if (this.#pin) {
      this.#center = project(...this.#pin);
      this.#zoom = Math.max(this.#zoom, 14.5);
    }
  }

  #size() {
    return [this.svg.clientWidth || 480, this.svg.clientHeight || 320];
  }

  #place([latitude, longitude]) {
    const [x, y] = project(latitude, longitude);
    const [width, height] = this.#size();
    const scale = 2 ** this.#zoom;
    return [(x - this.#center[0]) * scale + width / 2, (y - this.#center[1]) * scale + height / 2];
  }

  #isInSight(point) {
    const [x, y] = this.#place(point);
    const [width, height] = this.#size();
    return x > 20 && y > 20 && x < width - 20 && y < height - 20;
  }

  #later() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.draw());
  }

  /** Draw everything anew: a city's map is some dozens of shapes. */
  draw() {
    if (!this.svg) return;
    const shapes = [...this.#tiles()];
    for (const kind of LAYERS) {
      for (const { properties, geometry } of this.#features) {
        if (properties.kind === kind) shapes.push(make("path", { class: `map-${kind}`, d: this.#path(geometry) }));
      }
    }
    for (const { corners, className = "" } of this.#areas) {
      const geometry = { type: "Polygon", coordinates: [corners.map(([latitude, longitude]) => [longitude, latitude])] };
      shapes.push(make("path", { class: `map-area ${className}`, d: this.#path(geometry) }));
    }
    shapes.push(...this.#names());
    if (this.#pin) {
      const [x, y] = this.#place(this.#pin);
      const pin = make("g", { class: "map-pin", transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });
      pin.append(make("path", { d: "M0 0C-2-8-11-13-11-22a11 11 0 0 1 22 0C11-13 2-8 0 0Z" }), make("circle", { cy: -22, r: 4 }));
      shapes.push(pin);
    }
    this.svg.replaceChildren(...shapes);
  }

  #path({ type, coordinates }) {
    const lines = type === "Polygon" ? coordinates : [coordinates];
    const drawn = lines.map((line) => `M${line.map(([longitude, latitude]) => this.#place([latitude, longitude]).map((number) => number.toFixed(1)).join(" ")).join("L")}`);
    return drawn.join("") + (type === "Polygon" ? "Z" : "");
  }

  #names() {
    const found = [];
    const taken = [];
    const kinds = ["district", "street", "place", "water", "park", "road", "canal"];
    for (const kind of kinds.filter((each) => this.#zoom >= NAMED[each])) {
      for (const { properties, geometry } of this.#features) {
        if (properties.kind !== kind || (kind === "district" && this.#zoom > 14)) continue;
        const [x, y] = this.#middle(geometry);
        const words = nameOf(properties);
        const half = (words.length * (/[⺀-￿]/.test(words) ? 12 : 6.5)) / 2 + 4;
        const box = [x - half, y - 12, x + half, y + 6];
        // Names that would lie upon one another are left out, the more important ones come first.
        if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
        taken.push(box);
        if (kind === "place") found.push(make("circle", { class: "map-spot", cx: x.toFixed(1), cy: (y + 8).toFixed(1), r: 3 }));
        found.push(make("text", { class: `map-name map-name-${kind}`, x: x.toFixed(1), y: y.toFixed(1) }, words));
      }
    }
    return found;
  }

  #middle({ type, coordinates }) {
    if (type === "Point") {
      const [x, y] = this.#place([coordinates[1], coordinates[0]]);
      return [x, y - 8];
    }
    if (type === "LineString") {
      const [longitude, latitude] = coordinates[Math.floor(coordinates.length / 2)];
      return this.#place([latitude, longitude]);
    }
    const ring = coordinates[0].slice(0, -1);
    const sums = ring.reduce((sum, [longitude, latitude]) => [sum[0] + latitude, sum[1] + longitude], [0, 0]);
    return this.#place([sums[0] / ring.length, sums[1] / ring.length]);
  }

  *#tiles() {
    const address = this.getAttribute("tiles");
    if (!address) return;
    const zoom = Math.round(this.#zoom);
    const wide = TILE * 2 ** (this.#zoom - zoom);
    const [width, height] = this.#size();
    const scale = 2 ** this.#zoom;
    const [left, top] = [this.#center[0] * scale - width / 2, this.#center[1] * scale - height / 2];
    for (let x = Math.floor(left / wide); x * wide < left + width; x++) {
      for (let y = Math.floor(top / wide); y * wide < top + height; y++) {
        const href = address.replace("{z}", zoom).replace("{x}", x).replace("{y}", y);
        yield make("image", { href, x: x * wide - left, y: y * wide - top, width: wide + 0.5, height: wide + 0.5 });
      }
    }
  }
}

customElements.define("city-map", CityMap);
