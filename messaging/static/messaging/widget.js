// The duty desk on any web site of the city:
//   <script src="https://hall.example.gov/static/messaging/widget.js" data-desk="housing" async></script>
// and, if wanted, data-language="zh" or "en", data-color="#0b5cad", data-side="left", data-label="…".
// It makes a button and a frame and touches nothing else of the page; styles are set one by one, so that a strict
// content policy of the page does not matter.
(() => {
  const script = document.currentScript;
  if (!script?.dataset.desk || window.openhallDesk) return;
  const house = new URL(script.src).origin;
  const chinese = (script.dataset.language || document.documentElement.lang || "zh").toLowerCase().startsWith("zh");
  const color = /^#[0-9a-f]{6}$/i.test(script.dataset.color || "") ? script.dataset.color : "#0b5cad";
  const side = script.dataset.side === "left" ? "left" : "right";
  const words = chinese
    ? { open: script.dataset.label || "在线咨询", close: "收起对话", apart: "在新窗口打开咨询", frame: "与值班员的对话", unread: "条未读消息" }
    : { open: script.dataset.label || "Chat with us", close: "Close the conversation", apart: "Chat in a new window", frame: "Conversation with a duty officer", unread: "unread messages" };
  const KEPT = "openhall.desk.open";
  // What the frame asks us to keep, where browsers let frames keep nothing.
  const THEIRS = "openhall.desk.kept";
  let frame = null;
  let open = false;
  let unread = 0;
  let ready = false;
  // The house does not let itself be shown here, or cannot be reached: the button then leads to it.
  let apart = false;
  const PATIENCE = 5000;

  const style = (element, rules) => {
    for (const [name, value] of Object.entries(rules)) element.style.setProperty(name, value, "important");
  };

  // White words must be readable on it: as dark as that needs.
  const luminance = (hex) => {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const readable = (hex) => {
    let shown = hex;
    while (1.05 / (luminance(shown) + 0.05) < 4.5) {
      shown = `#${[1, 3, 5].map((at) => Math.floor(parseInt(shown.slice(at, at + 2), 16) * 0.9).toString(16).padStart(2, "0")).join("")}`;
    }
    return shown;
  };
  const accent = readable(color);

  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  style(button, {
    all: "initial", position: "fixed", "z-index": "2147483000", bottom: "20px", [side]: "20px", "box-sizing": "border-box",
    "min-height": "52px", "max-width": "70vw", padding: "0 20px", "border-radius": "26px", border: "2px solid #fff",
    background: accent, color: "#fff", "box-shadow": "0 2px 12px rgb(0 0 0 / 30%)", cursor: "pointer", direction: "ltr",
    font: '600 16px/1.2 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  });
  button.addEventListener("focus", () => style(button, { outline: `3px solid ${accent}`, "outline-offset": "3px" }));
  button.addEventListener("blur", () => style(button, { outline: "none" }));
  button.addEventListener("click", () => (apart ? window.open(`${house}/chat/?desk=${encodeURIComponent(script.dataset.desk)}#start`, "_blank", "noopener") : show(!open)));

  const label = () => {
    button.textContent = apart ? words.apart : open ? words.close : unread ? `${words.open} (${unread})` : words.open;
    button.setAttribute("aria-label", apart || open || !unread ? button.textContent : `${words.open}, ${unread} ${words.unread}`);
    button.setAttribute("aria-expanded", String(open));
  };

  const place = () => {
    if (!frame) return;
    const phone = window.innerWidth < 520;
    const size = phone
      ? { inset: "0", width: "100%", height: "100%", "border-radius": "0", border: "0" }
      : { inset: "auto", bottom: "84px", [side]: "20px", width: "400px", height: "min(640px, calc(100vh - 104px))", "border-radius": "10px", border: "1px solid #9aa5b1" };
    style(frame, { position: "fixed", "z-index": "2147483001", display: open ? "block" : "none", background: "#fff", "box-shadow": "0 4px 24px rgb(0 0 0 / 25%)", "color-scheme": "normal", ...size });
    // On a phone the frame fills the screen and has its own way out.
    style(button, { display: open && phone ? "none" : "inline-block" });
  };

  const make = () => {
    frame = document.createElement("iframe");
    frame.title = words.frame;
    frame.id = "openhall-desk";
    frame.allow = "clipboard-write";
    const query = new URLSearchParams({ language: chinese ? "zh-hans" : "en", color: accent, at: location.origin });
    frame.src = `${house}/widget/${encodeURIComponent(script.dataset.desk)}/?${query}`;
    button.setAttribute("aria-controls", frame.id);
    button.before(frame);
    frame.addEventListener("load", () => setTimeout(giveUp, PATIENCE));
  };

  const giveUp = () => {
    if (ready) return;
    apart = true;
    console.warn(`openhall: no desk in a frame on ${location.origin}. Is this web site on the list of the desk "${script.dataset.desk}"?`);
    show(false, document.activeElement === frame);
  };

  const tell = (what) => ready && frame.contentWindow.postMessage({ openhall: what }, house);

  const keep = (value, name = KEPT) => {
    try {
      sessionStorage.setItem(name, value);
    } catch {
      // This web site keeps nothing: the frame then opens anew on each page.
    }
  };

  const kept = (name) => {
    try {
      return sessionStorage.getItem(name) || "";
    } catch {
      return "";
    }
  };

  const show = (wanted, focus = true) => {
    open = wanted;
    if (open && !frame) make();
    keep(open ? "1" : "");
    label();
    place();
    if (!focus) return;
    if (open) frame.focus();
    else button.focus();
    tell(open ? "shown" : "hidden");
  };

  addEventListener("message", (event) => {
    if (event.origin !== house || event.source !== frame?.contentWindow) return;
    const { openhall: what, unread: count } = event.data ?? {};
    if (what === "close") show(false);
    else if (what === "keep") keep(`${event.data.kept}`.slice(0, 2000), THEIRS);
    else if (what === "asking") event.source.postMessage({ openhall: "kept", kept: kept(THEIRS) }, house);
    else if (what === "ready") {
      ready = true;
      apart = false;
      label();
      if (open) tell("shown");
    } else if (what === "unread" && Number.isInteger(count)) {
      unread = open ? 0 : count;
      label();
    }
  });
  addEventListener("resize", place);

  const start = () => {
    document.body.append(button);
    label();
    if (kept(KEPT)) show(true, false);
  };
  window.openhallDesk = { open: () => show(true), close: () => show(false) };
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
