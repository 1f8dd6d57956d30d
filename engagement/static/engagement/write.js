// The letter form beyond its HTML: a kept draft, similar answers while writing, files by dropping, one's position.
const form = document.querySelector("[data-filing]");
const said = form.dataset;
const KEPT = ["kind", "title", "text", "place", "readers", "category"];

const store = {
  read: () => {
    try {
      return JSON.parse(localStorage.getItem(said.draft) ?? "null");
    } catch {
      return null;
    }
  },
  write: (value) => {
    try {
      value ? localStorage.setItem(said.draft, JSON.stringify(value)) : localStorage.removeItem(said.draft);
      return true;
    } catch {
      return false;
    }
  },
};

const wait = (pause, run) => {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, pause);
  };
};

// The draft: only words and choices; never name, telephone or address, for the device may be a shared one.
const draftLine = form.querySelector("[data-draft-line]");
const values = () => Object.fromEntries(KEPT.map((name) => [name, new FormData(form).get(name) ?? ""]));
const isEmpty = (draft) => !draft || !(draft.title || draft.text);

function tell(words) {
  const discard = document.createElement("button");
  discard.type = "button";
  discard.className = "button button-quiet";
  discard.textContent = said.discard;
  discard.addEventListener("click", () => {
    store.write(null);
    for (const name of ["title", "text", "place"]) form.elements[name].value = "";
    draftLine.hidden = true;
    form.elements.title.focus();
  });
  draftLine.replaceChildren(Object.assign(document.createElement("span"), { textContent: words, className: "grow" }), discard);
  draftLine.hidden = false;
}

function restore() {
  const draft = store.read();
  if (said.bound || isEmpty(draft)) return;
  for (const name of KEPT) {
    const field = form.elements[name];
    if (draft[name] && field) field.value = draft[name];
  }
  tell(said.restored);
}

const save = wait(600, () => {
  const draft = values();
  if (store.write(isEmpty(draft) ? null : draft) && !isEmpty(draft) && draftLine.hidden) tell(said.saved);
});

// Counting down, near the end only.
const counter = form.querySelector("[data-count]");
function count() {
  const left = Number(counter.dataset.most) - form.elements.text.value.length;
  counter.textContent = left < 1000 ? said.left.replace("#", left) : "";
}

const choice = form.elements.category;

// The promised day depends on the kind, and on the subject where it has a process of its own.
const dueLine = document.querySelector("[data-due-line] strong");
const dueBySubject = JSON.parse(document.querySelector("#due-by-subject").textContent);
const showDue = () => {
  const kind = form.querySelector("[name=kind]:checked");
  const due = dueBySubject[choice.value]?.[kind?.value] ?? kind?.dataset.due;
  if (due && due !== dueLine.textContent) dueLine.textContent = due;
};

// Similar published answers and a suggested subject.
const place = form.querySelector("[data-similar-here]");
let asked = "";
let chosenByHand = Boolean(choice.value);
const look = wait(900, async () => {
  const body = new FormData();
  for (const name of ["csrfmiddlewaretoken", "title", "text", "place", "category"]) body.set(name, form.elements[name].value);
  const words = ["title", "text", "place", "category"].map((name) => body.get(name)).join("");
  if (words.length < 6 || words === asked) return;
  asked = words;
  try {
    const answer = await fetch(said.similar, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    if (answer.ok) place.innerHTML = await answer.text();
  } catch {
    return; // Without a connection there is simply nothing to suggest.
  }
  for (const chip of place.querySelectorAll("[data-suggest]")) offer(chip);
});

function offer(chip) {
  const code = chip.dataset.suggest;
  if (![...choice.options].some((option) => option.value === code)) return chip.closest("p").remove();
  const mark = () => chip.setAttribute("aria-pressed", String(choice.value === code));
  if (!chosenByHand) choice.value = code;
  mark();
  showDue();
  chip.addEventListener("click", () => {
    choice.value = choice.value === code ? "" : code;
    chosenByHand = true;
    mark();
    showDue();
  });
  choice.addEventListener("change", mark);
}
choice.addEventListener("change", () => (chosenByHand = true));

// Files: dropping them, and seeing what was chosen.
const drop = form.querySelector("[data-drop]");
const input = form.elements.files;
const chosen = form.querySelector("[data-chosen]");
function list() {
  chosen.replaceChildren(
    ...[...input.files].map((file) => Object.assign(document.createElement("li"), { textContent: `${file.name} · ${Math.max(1, Math.round(file.size / 1024))} KB` })),
  );
}
drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("drop-over");
});
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("drop-over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  const all = new DataTransfer();
  for (const file of [...input.files, ...event.dataTransfer.files]) all.items.add(file);
  input.files = all.files;
  list();
});
input.addEventListener("change", list);

// The pin on the map; the hidden fields are what is sent.
const map = form.querySelector("city-map");
const setPoint = (latitude, longitude) => {
  form.elements.latitude.value = latitude === null ? "" : latitude.toFixed(5);
  form.elements.longitude.value = longitude === null ? "" : longitude.toFixed(5);
};
map?.addEventListener("place", ({ detail }) => {
  setPoint(detail.latitude, detail.longitude);
  save();
});

// One's own position, only when asked for.
const locate = form.querySelector("[data-locate]");
if (navigator.geolocation) {
  locate.hidden = false;
  const words = locate.querySelector("[role=status]");
  locate.querySelector("button").addEventListener("click", () => {
    words.textContent = said.locating;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setPoint(coords.latitude, coords.longitude);
        if (map) {
          form.querySelector("[data-map-fold]").open = true;
          map.pin = [coords.latitude, coords.longitude];
        }
        words.textContent = said.located;
      },
      () => (words.textContent = said.lost),
      { timeout: 15000 },
    );
  });
}

form.addEventListener("input", () => {
  save();
  count();
  look();
});
restore();
count();
look();
document.querySelector("[data-focus]")?.focus();

form.addEventListener("change", showDue);
showDue();
