import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { WebSocketServer } from "/work/main/node_modules/ws/wrapper.mjs";

const PORT = Number(process.env.PORT ?? 4555);
const root = new URL("..", import.meta.url).pathname;
let seq = 100,
  n = 0;
const LOOK = JSON.parse(process.env.LOOK ?? "{}");
const look = { color: "#5b4bd6", position: "end", title: "", greeting: "", theme: "auto", ...LOOK };
const config = {
  workspace: "Kiln & Clay",
  look,
  require_identity: false,
  attachment_max_bytes: 5_000_000,
  online: true,
};
const visitors = new Map();
const socks = new Set();
const files = new Map();
const iso = (t = Date.now()) => new Date(t).toISOString();
const conv = (v) =>
  v.rows.length
    ? {
        id: "cnv_1",
        last_n: v.rows.length,
        team: v.team,
        visitor: v.visitor,
        unread: v.rows.filter((r) => r.author.kind === "agent" && r.n > v.visitor.read).length,
      }
    : null;
const add = (v, author, text, o = {}) => {
  const row = {
    id: "msg_" + ++seq,
    seq,
    rev: seq,
    n: ++v.n,
    author,
    text,
    attachments: [],
    reply_to: null,
    reactions: [],
    created_at: iso(o.t),
    edited_at: null,
    deleted_at: null,
    ref: null,
    ...o.x,
  };
  v.rows.push(row);
  if (author.kind === "you") v.visitor.read = v.visitor.delivered = row.n;
  else {
    v.team.read = v.team.delivered = row.n;
  }
  return row;
};
const get = (id) => {
  if (!visitors.has(id))
    visitors.set(id, {
      id,
      rows: [],
      n: 0,
      team: { delivered: 0, read: 0 },
      visitor: { delivered: 0, read: 0 },
    });
  return visitors.get(id);
};
const ana = { kind: "agent", id: "mem_1", name: "Ana Ruiz" },
  tom = { kind: "agent", id: "mem_2", name: "Tom Baker" };
function seed(v, kind) {
  const you = { kind: "you" };
  const D = 86400e3,
    now = Date.now();
  if (kind === "long")
    for (let i = 0; i < 200; i++)
      add(
        v,
        i % 3 ? you : ana,
        `Message number ${i} of a long history, with some words to fill the line.`,
        { t: now - D * 9 + i * 60e3 * 20 },
      );
  if (kind === "chat") {
    const a = add(v, you, "Hi! Is the speckled stoneware mug dishwasher safe?", {
      t: now - D - 3600e3,
    });
    add(
      v,
      ana,
      "Hello! Yes, both the mug and the plates are. We fire them at 1240 °C, so they take a lot.",
      { t: now - D - 3500e3 },
    );
    add(v, ana, "Care guide: https://kiln.example/care (it is short, promised).", {
      t: now - D - 3490e3,
    });
    add(v, you, "Perfect, thank you", {
      t: now - D - 3400e3,
      x: { reactions: [{ emoji: "❤️", count: 1, yours: false }] },
    });
    const m = add(v, you, "One more thing: my parcel says delivered, but there is nothing here.", {
      t: now - 15 * 60e3,
    });
    add(
      v,
      tom,
      "I’m sorry about that. Could you send a photo of your entrance or the note the courier left?",
      {
        t: now - 13 * 60e3,
        x: { reply_to: { id: m.id, author: { kind: "you" }, excerpt: m.text } },
      },
    );
    add(v, you, "", { t: now - 9 * 60e3, x: { attachments: [img("door.png")] } });
    add(v, you, "No note anywhere…", { t: now - 9 * 60e3 + 5000 });
    add(v, tom, "Thank you. A new one leaves today, no charge. Here is the label:", {
      t: now - 2 * 60e3,
    });
    add(v, tom, "", {
      t: now - 2 * 60e3 + 9000,
      x: {
        attachments: [
          {
            id: "att_9",
            name: "return-label-2026.pdf",
            mime: "application/pdf",
            kind: "file",
            size: 182_000,
            width: null,
            height: null,
            url: "/pic.svg",
            thumbnail_url: null,
          },
        ],
      },
    });
    add(v, you, "👏🎉", { t: now - 60e3 });
    v.team = { delivered: v.n, read: v.n };
  }
}
const img = (name) => ({
  id: "att_" + ++seq,
  name,
  mime: "image/png",
  kind: "image",
  size: 120_000,
  width: 640,
  height: 420,
  url: "/pic.svg",
  thumbnail_url: "/pic.svg",
});
const send = (v, f) => {
  for (const s of socks) if (s.v === v) s.send(JSON.stringify(f));
};
const event = (v, change, message) =>
  send(v, {
    type: "event",
    seq: message.rev,
    at: iso(),
    event: "message",
    change,
    message,
    conversation: conv(v),
  });
const pic = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 420"><rect width="640" height="420" fill="#cfd9d2"/><rect x="230" y="60" width="180" height="360" rx="6" fill="#7a4a32"/><circle cx="388" cy="250" r="8" fill="#e8c36a"/><rect y="396" width="640" height="24" fill="#9aa59d"/><rect x="80" y="150" width="90" height="120" fill="#eef3f7" stroke="#fff" stroke-width="8"/></svg>`;
const types = {
  js: "text/javascript; charset=utf-8",
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  json: "application/json",
};
export const csp =
  "default-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; style-src 'self'; script-src 'self'";
const server = createServer(async (q, a) => {
  const u = new URL(q.url, "http://x");
  let body = "";
  const chunks = [];
  for await (const c of q) chunks.push(c);
  body = Buffer.concat(chunks);
  const json = (s, o) => {
    a.writeHead(s, {
      "content-type": "application/json",
      "access-control-allow-origin": "*",
      "access-control-allow-headers": "*",
      "access-control-allow-methods": "*",
    });
    a.end(o === undefined ? "" : JSON.stringify(o));
  };
  const man = () => JSON.parse(readFileSync(root + "dist/manifest.json"));
  if (q.method === "OPTIONS") return json(204);
  const base = "http://" + q.headers.host;
  if (u.pathname === "/widget.js") {
    a.writeHead(200, { "content-type": types.js, "access-control-allow-origin": "*" });
    const { color, position, theme } = look;
    return a.end(
      `self.__switchboard=${JSON.stringify({ key: u.searchParams.get("key"), base, look: { color, position, theme }, app: base + "/widget/" + man().app })};` +
        readFileSync(root + "dist/widget.js"),
    );
  }
  if (u.pathname.startsWith("/widget/")) {
    const f = root + "dist/" + u.pathname.slice(8);
    if (!existsSync(f)) return json(404, {});
    a.writeHead(200, { "content-type": types.js, "access-control-allow-origin": "*" });
    return a.end(readFileSync(f));
  }
  if (u.pathname === "/pic.svg") {
    a.writeHead(200, { "content-type": "image/svg+xml" });
    return a.end(pic);
  }
  if (u.pathname.startsWith("/demo")) {
    const f =
      u.pathname === "/demo" || u.pathname === "/demo/" ? "index.html" : u.pathname.slice(6);
    if (!existsSync(root + "demo/" + f)) return json(404, {});
    const t = readFileSync(root + "demo/" + f, "utf8")
      .replace("{{snippet}}", `<script async src="${base}/widget.js?key=wk_demo"></script>`)
      .replace("{{login}}", "demo@switchboard.example")
      .replace("{{password}}", "plum-harbour-42");
    a.writeHead(200, { "content-type": types[f.split(".").pop()], "content-security-policy": csp });
    return a.end(t);
  }
  if (u.pathname === "/page") {
    a.writeHead(200, { "content-type": types.html, "content-security-policy": csp });
    return a.end(
      `<!doctype html><html dir="${u.searchParams.get("dir") ?? "ltr"}"><meta name=viewport content="width=device-width, initial-scale=1"><title>Page</title>${u.searchParams.get("hostile") ? '<link rel=stylesheet href="/hostile.css">' : ""}<script async src="${base}/widget.js?key=wk_demo"></script><script async src="${base}/widget.js?key=wk_demo"></script><body><h1>A page</h1>`,
    );
  }
  if (u.pathname === "/hostile.css") {
    a.writeHead(200, { "content-type": types.css });
    return a.end(
      `*{color:red!important;font:40px serif!important;display:block!important;position:static!important;width:500px!important;z-index:-1!important;visibility:hidden}switchboard-widget{display:none!important}`,
    );
  }
  const api = u.pathname.replace("/api/v1", "");
  if (api === "/widget/boot") {
    const b = JSON.parse(body);
    const id = b.identity
      ? "cnt_" + b.identity.user_id
      : (b.token?.slice(4) ?? "cnt_" + Math.random().toString(36).slice(2));
    const fresh = !visitors.has(id);
    const v = get(id);
    if (fresh && process.env.SEED) seed(v, process.env.SEED);
    return json(200, { token: "tok_" + id, visitor: id, config, conversation: conv(v) });
  }
  const v = get((q.headers.authorization ?? "").replace("Bearer tok_", ""));
  if (api === "/visitor/messages") {
    const before = Number(u.searchParams.get("before") ?? 1e9);
    const all = v.rows.filter((r) => r.seq < before);
    const items = all.slice(-40);
    await new Promise((r) => setTimeout(r, 150));
    return json(200, { items, next: all.length > 40 ? String(items[0].seq) : null });
  }
  if (api === "/attachments") {
    const name = /filename="([^"]+)"/.exec(body.toString("latin1"))[1];
    await new Promise((r) => setTimeout(r, Number(process.env.SLOW ?? 300)));
    if (name.endsWith(".exe"))
      return json(415, { status: 415, title: "x", code: "unsupported_media", detail: "no exe" });
    const f = {
      ...img(name),
      size: body.length,
      ...(name.endsWith(".pdf") ? { kind: "file", thumbnail_url: null } : {}),
    };
    files.set(f.id, f);
    return json(201, f);
  }
  if (api.startsWith("/attachments/")) return json(200, files.get(api.slice(13)));
  if (api === "/mock/say") {
    const b = JSON.parse(body);
    for (const v of visitors.values()) {
      const r = add(v, b.who === "tom" ? tom : ana, b.text);
      event(v, "posted", r);
    }
    return json(200, {});
  }
  if (api === "/mock/typing") {
    for (const v of visitors.values())
      send(v, { type: "typing", member: "mem_1", name: "Ana Ruiz", on: true });
    return json(200, {});
  }
  if (api === "/mock/state") return json(200, [...visitors.values()]);
  if (api === "/mock/cut") {
    for (const s of socks) s.terminate();
    return json(200, {});
  }
  if (api === "/mock/down") {
    down = u.searchParams.get("on") === "1";
    for (const s of socks) s.terminate();
    return json(200, {});
  }
  json(404, { status: 404, title: "x", code: "not_found", detail: "nothing at " + api });
});
let down = false;
const wss = new WebSocketServer({ noServer: true });
server.on("upgrade", (q, s, h) => {
  if (down) return s.destroy();
  wss.handleUpgrade(q, s, h, (w) => {
    socks.add(w);
    w.on("close", () => socks.delete(w));
    const beat = setInterval(() => w.v && w.send(JSON.stringify({ type: "beat", seq })), 5000);
    w.on("close", () => clearInterval(beat));
    w.on("message", (m) => {
      const f = JSON.parse(m);
      if (f.type === "hello") {
        const v = get(f.token.slice(4));
        w.v = v;
        w.send(JSON.stringify({ type: "welcome", session: "s", epoch: "e", seq, snapshot: true }));
        w.send(
          JSON.stringify({
            type: "snapshot",
            seq,
            snapshot: {
              conversation: conv(v),
              messages: v.rows.slice(-40),
              more: v.rows.length > 40,
              online: true,
            },
          }),
        );
        return;
      }
      const v = w.v;
      const ok = (d) => w.send(JSON.stringify({ type: "ok", id: f.id, ...d }));
      const row = v.rows.find((r) => r.id === f.message);
      const say = () => event(v, f.type, ((row.rev = ++seq), row));
      if (f.type === "post") {
        if (f.text === "fail")
          return w.send(
            JSON.stringify({
              type: "no",
              id: f.id,
              code: "refused",
              message: "The team does not take messages like this.",
            }),
          );
        const q = v.rows.find((r) => r.id === f.reply_to);
        const r =
          v.rows.find((r) => r.ref === f.ref) ??
          add(v, { kind: "you" }, f.text, {
            x: {
              ref: f.ref,
              attachments: (f.attachments ?? []).map((i) => files.get(i)),
              reply_to: q ? { id: q.id, author: q.author, excerpt: q.text } : null,
            },
          });
        ok({ seq: r.seq, message: r.id, conversation: "cnv_1", n: r.n });
        event(v, "posted", r);
      } else if (f.type === "edit") {
        row.text = f.text;
        row.edited_at = iso();
        ok({});
        say();
      } else if (f.type === "delete") {
        row.text = "";
        row.deleted_at = iso();
        row.attachments = [];
        row.reactions = [];
        ok({});
        say();
      } else if (f.type === "react") {
        row.reactions = row.reactions.filter((x) => x.emoji !== f.emoji);
        if (f.on) row.reactions.push({ emoji: f.emoji, count: 1, yours: true });
        ok({});
        say();
      } else if (f.type === "mark") {
        v.visitor = {
          delivered: Math.max(v.visitor.delivered, f.delivered ?? 0),
          read: Math.max(v.visitor.read, f.read ?? 0),
        };
        ok({});
        send(v, {
          type: "event",
          seq: ++seq,
          at: iso(),
          event: "conversation",
          conversation: conv(v),
        });
      } else w.v.last = f;
    });
  });
});
server.listen(PORT, () => console.log("mock on", PORT));
