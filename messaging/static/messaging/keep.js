// Keeping small things in the browser where it lets us; a frame on another web site may not be let.
function store(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}

class Keep {
  constructor(name) {
    this.box = store(name);
    this.own = new Map();
  }

  get(key) {
    try {
      return this.box?.getItem(key) ?? this.own.get(key) ?? null;
    } catch {
      return this.own.get(key) ?? null;
    }
  }

  get works() {
    return Boolean(this.box);
  }

  // What the browser does not keep lives at least as long as the page.
  set(key, value) {
    this.own.set(key, value);
    try {
      this.box?.setItem(key, value);
    } catch {
      // Full or forbidden.
    }
  }

  drop(key) {
    this.own.delete(key);
    try {
      this.box?.removeItem(key);
    } catch {
      // Forbidden: then it was never there.
    }
  }
}

export const tab = new Keep("sessionStorage");
export const browser = new Keep("localStorage");

// Messages that the server has not confirmed, kept over a reload. One list a conversation, oldest first.
export class Unsent {
  constructor(stream) {
    this.name = `openhall.unsent.${stream}`;
  }

  all() {
    try {
      return JSON.parse(tab.get(this.name)) ?? [];
    } catch {
      return [];
    }
  }

  keep(list) {
    if (list.length) tab.set(this.name, JSON.stringify(list));
    else tab.drop(this.name);
  }

  add(message) {
    this.keep([...this.all(), message]);
  }

  drop(key) {
    this.keep(this.all().filter((message) => message.key !== key));
  }
}
