// "Tell me on this device": a switch that works where the browser can be told while the page is closed.
const place = document.querySelector("[data-push]");
const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

class Push {
  constructor(root) {
    this.root = root;
    this.words = root.dataset;
    this.streams = root.dataset.streams.split(" ").filter(Boolean);
    this.box = root.querySelector("[data-push-box]");
    this.box.addEventListener("change", () => this.change());
    this.show();
  }

  async show() {
    const subscription = await this.subscription();
    this.box.checked = Boolean(subscription) && Notification.permission === "granted" && this.streams.every((one) => kept(one));
    this.root.hidden = !this.streams.length;
    // Said again: the session may be another one by now, and officers' desks change.
    if (this.box.checked) await this.tell(subscription, this.words.url).catch(() => {});
  }

  async subscription() {
    const registration = await navigator.serviceWorker.getRegistration("/");
    return registration ? registration.pushManager.getSubscription() : null;
  }

  async change() {
    this.say("");
    const on = this.box.checked;
    this.box.disabled = true;
    try {
      await (on ? this.begin() : this.stop());
      for (const one of this.streams) keep(one, on);
    } catch (error) {
      this.box.checked = !on;
      this.say(error instanceof Told ? error.message : this.words.failed);
    }
    this.box.disabled = false;
    this.box.focus();
  }

  async begin() {
    if ((await Notification.requestPermission()) !== "granted") throw new Told(this.words.denied);
    const { key } = await (await fetch(this.words.url)).json();
    const registration = await navigator.serviceWorker.ready;
    const wanted = bytes(key);
    const old = await registration.pushManager.getSubscription();
    // Made with another key, before this installation had its own: it would never reach us.
    if (old && !same(new Uint8Array(old.options.applicationServerKey ?? []), wanted)) await old.unsubscribe();
    const options = { userVisibleOnly: true, applicationServerKey: wanted };
    await this.tell(await registration.pushManager.subscribe(options), this.words.url);
  }

  async stop() {
    const subscription = await this.subscription();
    if (subscription) await this.tell(subscription, this.words.stopUrl);
  }

  async tell(subscription, url) {
    const { endpoint, keys } = subscription.toJSON();
    for (const stream of this.streams) {
      const body = new URLSearchParams({ stream, endpoint, p256dh: keys.p256dh, auth: keys.auth });
      const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": this.words.token } });
      if (!answer.ok) throw new Told((await answer.json().catch(() => ({}))).error?.text ?? this.words.failed);
    }
  }

  say(words) {
    this.root.querySelector("[data-push-said]").textContent = words;
  }
}

class Told extends Error {}

const name = (stream) => `openhall.push.${stream}`;

function kept(stream) {
  try {
    return localStorage.getItem(name(stream)) === "1";
  } catch {
    return false;
  }
}

function keep(stream, on) {
  try {
    if (on) localStorage.setItem(name(stream), "1");
    else localStorage.removeItem(name(stream));
  } catch {
    // The switch then shows "off" after a reload; the server knows better.
  }
}

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

const same = (one, other) => one.length === other.length && one.every((each, at) => each === other[at]);

if (place && can) new Push(place);
