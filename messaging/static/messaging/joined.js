// A talk for somebody who was let in: read along, speak as a guest, whisper as a supervisor.
import { Thread } from "./thread.js";
import { whispers } from "./whispers.js";

const home = document.querySelector("[data-beside]").dataset.home;
const thread = new Thread(document.querySelector("[data-talk]"));
thread.addEventListener("changed", (event) => event.detail.kind === "talk.ended" && setTimeout(() => location.assign(home), 4000));
thread.start();
whispers();
