// Being noticed in another tab: a number in the title, and a short sound if the officer wants one.
import { browser } from "./keep.js";

const KEPT = "openhall.sound";

export class Bell {
  constructor(box) {
    this.box = box;
    this.title = document.title;
    if (!box) return;
    box.checked = browser.get(KEPT) === "1";
    box.addEventListener("change", async () => {
      browser.set(KEPT, box.checked ? "1" : "0");
      await this.wake();
      this.ring();
    });
    // Most browsers play only after the reader has touched the page; until then it stays silent, and the title still counts.
    this.wake();
    for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => this.wake(), { passive: true });
  }

  async wake() {
    if (!this.box.checked) return;
    this.audio ??= new AudioContext();
    if (this.audio.state === "suspended") await this.audio.resume().catch(() => {});
  }

  count(number) {
    document.title = number ? `(${number}) ${this.title}` : this.title;
  }

  ring() {
    // What rang in vain is not made up for: all of it would sound at once.
    if (!this.box?.checked || this.audio?.state !== "running") return;
    const start = this.audio.currentTime;
    for (const [pitch, after] of [[880, 0], [1175, 0.14]]) {
      const [tone, volume] = [this.audio.createOscillator(), this.audio.createGain()];
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.12, start + after);
      volume.gain.exponentialRampToValueAtTime(0.001, start + after + 0.25);
      tone.connect(volume).connect(this.audio.destination);
      tone.start(start + after);
      tone.stop(start + after + 0.3);
    }
  }
}
