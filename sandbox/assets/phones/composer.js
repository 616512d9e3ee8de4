// What the customer writes with: text, things to attach, and the line above that says what it
// answers or changes.

import { summary } from "./bubble.js";
import { h, icon, toast } from "./dom.js";
import { openMenu } from "./menu.js";

const LARGEST_FILE = 24_000_000;

const ATTACHMENTS = {
  photo: { icon: "image", label: "Photo or video" },
  voice: { icon: "mic", label: "Voice message" },
  document: { icon: "doc", label: "Document" },
  sticker: { icon: "smile", label: "Sticker" },
  location: { icon: "pin", label: "Location" },
  contact: { icon: "person", label: "Contact" },
  story_reply: { icon: "story", label: "Reply to the story" },
  story_mention: { icon: "at", label: "Mention in my story" },
  comment: { icon: "comment", label: "Comment on a post" },
};

/** Ready-made things, so that nobody has to look for a file. */
const SAMPLES = {
  voice: { media: { kind: "voice", sample: "voice" } },
  sticker: { sticker: "🏺" },
  location: {
    location: {
      latitude: 41.3809,
      longitude: 2.1734,
      name: "Plaça de Sant Jaume",
      address: "08002 Barcelona",
    },
  },
  contact: { contact: { name: "Nora Lindqvist", phone: "+46701740605" } },
  story_mention: { story_mention: true },
};

export class Composer {
  constructor(app, platform, send) {
    this.app = app;
    this.send = send;
    this.above = h("div", { hidden: true });
    this.area = h("textarea", {
      rows: "1",
      placeholder: app.placeholder,
      "aria-label": `Write in ${app.name}`,
    });
    this.area.addEventListener("input", () => this.changed());
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("paste", (event) => this.files(event.clipboardData.files));
    this.picker = h("input", {
      type: "file",
      multiple: true,
      hidden: true,
      onchange: () => this.picked(),
    });
    const clip = h("button", {
      type: "button",
      class: "tool",
      "aria-label": "Attach",
      "aria-haspopup": "menu",
    });
    clip.append(icon(platform === "telegram" || platform === "whatsapp" ? "clip" : "plus"));
    clip.addEventListener("click", () => openMenu(clip, this.choices()));
    this.button = h("button", { type: "button", class: "go", onclick: () => this.submit() });
    const field = h("div", { class: "field" }, this.area);
    const line =
      platform === "whatsapp" ? [h("div", { class: "field" }, this.area, clip)] : [clip, field];
    this.node = h(
      "div",
      {},
      this.above,
      h("div", { class: "write" }, line, this.button, this.picker),
    );
    this.changed();
  }

  changed() {
    const { area } = this;
    area.style.height = "38px";
    area.style.height = `${Math.min(Math.max(area.scrollHeight, 38), 116)}px`;
    const idle = this.app.name === "Messenger" ? "thumb" : "mic";
    const ready = area.value.trim() !== "" || Boolean(this.doing);
    this.button.replaceChildren(icon(ready ? "send" : idle));
    this.button.setAttribute(
      "aria-label",
      ready ? "Send" : idle === "thumb" ? "Send a thumb" : "Send a voice message",
    );
  }

  key(event) {
    if (event.key === "Escape" && this.doing) this.clear();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.area.value.trim();
    const { doing } = this;
    if (doing?.verb === "edit") {
      if (text) this.send("edit", { message: doing.message.id, text });
    } else if (doing?.verb === "attach") this.send("send", doing.body(text));
    else if (text) this.send("send", { text, reply_to: doing?.message.id });
    else if (this.app.name === "Messenger") this.send("send", { text: "👍" });
    else this.send("send", SAMPLES.voice);
    this.clear();
  }

  clear() {
    this.area.value = "";
    this.doing = undefined;
    this.above.hidden = true;
    this.above.className = "";
    this.changed();
    this.area.focus({ preventScroll: true });
  }

  /** Puts a line above the field: what is answered, changed or attached. */
  begin(doing, mark, title, words) {
    this.doing = doing;
    const close = h(
      "button",
      { type: "button", "aria-label": "Cancel", onclick: () => this.clear() },
      icon("close"),
    );
    this.above.className = "above";
    this.above.hidden = false;
    this.above.replaceChildren(
      icon(mark),
      h("div", {}, h("b", {}, title), h("span", {}, words)),
      close,
    );
    this.changed();
    this.area.focus({ preventScroll: true });
  }

  reply(message) {
    this.begin({ verb: "reply", message }, "reply", "Reply", summary(message));
  }

  edit(message) {
    this.area.value = message.text;
    this.begin({ verb: "edit", message }, "pencil", "Edit message", message.text);
  }

  choices() {
    return this.app.attach.map((name) => ({ ...ATTACHMENTS[name], pick: () => this.attach(name) }));
  }

  attach(name) {
    if (name === "photo")
      openMenu(this.button, [
        {
          icon: "image",
          label: "The sample photo",
          pick: () => this.hold({ kind: "image", sample: "image" }, "A cup"),
        },
        { icon: "plus", label: "From this computer …", pick: () => this.pick("image/*,video/*") },
      ]);
    else if (name === "document")
      openMenu(this.button, [
        {
          icon: "doc",
          label: "The sample PDF",
          pick: () => this.hold({ kind: "document", sample: "pdf" }, "Price list.pdf"),
        },
        { icon: "plus", label: "From this computer …", pick: () => this.pick("") },
      ]);
    else if (name === "comment" || name === "story_reply") {
      const body = (text) => ({ text: text || "Is this still available?", [name]: true });
      this.begin(
        { verb: "attach", body },
        ATTACHMENTS[name].icon,
        ATTACHMENTS[name].label,
        "Write it below",
      );
    } else this.send("send", SAMPLES[name]);
  }

  /** Waits with a file for what is to be said about it. */
  hold(media, words) {
    const reply = this.doing?.message?.id;
    const body = (text) => ({ text: text || undefined, media, reply_to: reply });
    const mark = [media].flat().every((one) => one.kind === "image") ? "image" : "doc";
    this.begin({ verb: "attach", body }, mark, "Attached", words);
  }

  pick(accept) {
    this.picker.accept = accept;
    this.picker.value = "";
    this.picker.click();
  }

  picked() {
    this.files(this.picker.files);
  }

  /** One file, or several that go as one album. */
  files(files) {
    const chosen = [...files];
    if (chosen.length === 0) return;
    if (chosen.some((file) => file.size > LARGEST_FILE)) {
      toast("That file is larger than phones send.");
      return;
    }
    const words = chosen.map((file) => file.name).join(", ");
    Promise.all(chosen.map(mediaOf)).then((media) =>
      this.hold(media.length === 1 ? media[0] : media, words),
    );
  }
}

/** A file as the phones' API takes it. */
function mediaOf(file) {
  const kind =
    ["image", "video", "audio"].find((one) => file.type.startsWith(`${one}/`)) ?? "document";
  return new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done({ kind, name: file.name, data_url: reader.result });
    reader.readAsDataURL(file);
  });
}
