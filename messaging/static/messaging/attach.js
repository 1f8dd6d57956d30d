// Files on their way into a conversation: chosen, dragged, pasted or photographed; each uploaded once, its progress shown.
import { live } from "../journal/live.js";

export class Attach {
  constructor(root, form) {
    this.root = root;
    this.form = form;
    this.list = form.querySelector("[data-files]");
    this.item = root.querySelector("template[data-file-item]");
    this.said = form.querySelector("[data-files-state]");
    this.most = Number(form.dataset.filesMost);
    this.files = new Map(); // client key -> {item, kept, done}
    const field = form.querySelector("[data-attach]");
    field.addEventListener("change", () => {
      this.add(field.files);
      field.value = "";
    });
    form.querySelector("[data-say]").addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      // Word processors put a picture of the text beside it, file managers the names of the files: words are meant as words.
      const words = event.clipboardData?.getData("text/plain") ?? "";
      if (!files.length || (words && !files.every((file) => words.includes(file.name)))) return;
      event.preventDefault();
      this.add(files);
    });
    this.wireDrop();
  }

  wireDrop() {
    let inside = 0;
    const show = (on) => this.root.classList.toggle("is-dropping", on && !this.form.hidden);
    const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
    this.root.addEventListener("dragenter", (event) => holdsFiles(event) && show(++inside > 0));
    this.root.addEventListener("dragleave", (event) => holdsFiles(event) && show((inside = Math.max(0, inside - 1)) > 0));
    this.root.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
    this.root.addEventListener("drop", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      show((inside = 0) > 0);
      if (!this.form.hidden) this.add(event.dataTransfer.files);
    });
  }

  add(files) {
    for (const file of files) {
      if (this.files.size >= this.most) {
        this.said.textContent = this.root.dataset.textTooMany;
        break;
      }
      this.upload(file);
    }
  }

  upload(file) {
    const key = live.newKey();
    const item = this.item.content.firstElementChild.cloneNode(true);
    item.querySelector("[data-file-name]").textContent = file.name;
    this.list.append(item);
    this.list.hidden = false;
    const picture = item.querySelector("img");
    if (file.type.startsWith("image/")) {
      picture.src = URL.createObjectURL(file);
      picture.hidden = false;
    }
    const entry = { item, kept: null, request: null };
    this.files.set(key, entry);
    item.querySelector("[data-file-drop]").onclick = () => this.drop(key);
    if (file.size > Number(this.form.dataset.fileMost)) this.fail(entry, this.root.dataset.textTooLarge);
    else entry.done = this.send(key, entry, file);
  }

  // XMLHttpRequest, because fetch does not tell how much of a body has left.
  send(key, entry, file) {
    this.say(entry, this.root.dataset.textUploading);
    return new Promise((done) => {
      const request = (entry.request = new XMLHttpRequest());
      request.open("POST", this.form.dataset.filesUrl);
      for (const [name, value] of Object.entries(live.headers)) request.setRequestHeader(name, value);
      request.setRequestHeader("X-CSRFToken", this.form.querySelector("[name=csrfmiddlewaretoken]").value);
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) entry.item.querySelector("progress").value = Math.round((100 * event.loaded) / event.total);
      };
      request.onload = () => {
        let answer = {};
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          // A page in place of an answer: what the status says is all there is.
        }
        if (request.status === 200) {
          entry.kept = answer;
          entry.item.classList.add("is-ready");
          this.say(entry, this.root.dataset.textUploaded);
        } else this.fail(entry, answer.error?.text || this.root.dataset.textFailed);
        done();
      };
      request.onerror = () => {
        // The same key again: whether or not it had arrived, it is kept once.
        if (!entry.tries) {
          entry.tries = 1;
          setTimeout(() => this.send(key, entry, file).then(done), 1500);
          return;
        }
        this.fail(entry, this.root.dataset.textFailed);
        done();
      };
      const body = new FormData();
      body.set("key", key);
      body.set("file", file);
      request.send(body);
    });
  }

  say(entry, words) {
    entry.item.querySelector("[data-file-said]").textContent = words;
    this.said.textContent = `${entry.item.querySelector("[data-file-name]").textContent}: ${words}`;
  }

  fail(entry, words) {
    entry.item.classList.add("is-failed");
    entry.failed = true;
    this.say(entry, words);
  }

  async drop(key) {
    const entry = this.files.get(key);
    this.files.delete(key);
    entry.request?.abort();
    this.forget(entry.item);
    this.form.querySelector("[data-say]").focus();
    if (entry.kept) await live.post(this.form.dataset.fileUrl.replace("KEY", `${entry.kept.key}/drop`), {}).catch(() => {});
  }

  forget(item) {
    const picture = item.querySelector("img");
    if (picture.src) URL.revokeObjectURL(picture.src);
    item.remove();
    this.list.hidden = !this.list.children.length;
  }

  get any() {
    return [...this.files.values()].some((entry) => !entry.failed);
  }

  // Waits for what is under way and hands over what has arrived; what failed stays to be seen.
  async take() {
    await Promise.all([...this.files.values()].map((entry) => entry.done));
    const kept = [];
    for (const [key, entry] of [...this.files]) {
      if (!entry.kept) continue;
      kept.push(entry.kept);
      this.files.delete(key);
      this.forget(entry.item);
    }
    this.said.textContent = "";
    return kept;
  }
}
