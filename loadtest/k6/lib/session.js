// A websocket that speaks the protocol: hello, welcome, resume, commands and their answers. It
// counts what must never happen: a hole in what it was sent, and anything sent twice.

import { Counter, Trend } from "k6/metrics";
import { clearTimeout, setTimeout } from "k6/timers";
import { WebSocket } from "k6/websockets";

export const gaps = new Counter("gaps");
export const doubles = new Counter("doubles");
export const refused = new Counter("refused");
export const unanswered = new Counter("unanswered");
// Sockets that the server closed and that nobody wanted closed.
export const cut = new Counter("cut");
export const acked = new Counter("acked");
export const frames = new Counter("frames");
// From when a message was due until it was acknowledged, and until somebody else had its frame.
export const ackMs = new Trend("ack_ms", true);
export const frameMs = new Trend("frame_ms", true);
// From the attempt to connect until the welcome.
export const welcomeMs = new Trend("welcome_ms", true);

const ANSWER_WITHIN_MS = 30000;

// The text of a message that says when it was due.
export function dated(due, words) {
  return `@${due} ${words}`;
}

export class Session {
  // `url`, and the `hello` to begin with. `follow` is given each event's frame; the position is
  // kept by subclasses.
  constructor(url, hello) {
    this.url = url;
    this.hello = hello;
    this.cursor = null;
    this.waiting = new Map();
    this.id = 0;
    this.closing = false;
    this.follow = () => {};
  }

  // Connects, resuming where it was. `ready` is called once welcomed.
  open(ready) {
    const begun = Date.now();
    this.closing = false;
    const socket = new WebSocket(this.url);
    socket.onopen = () => {
      this.send({ type: "hello", ...this.hello, ...(this.cursor || {}) });
    };
    socket.onmessage = (message) => this.hear(JSON.parse(message.data), begun, ready);
    // One that was closed before the next was opened may say so after it.
    socket.onclose = (event) => (this.socket === socket ? this.closed(event) : undefined);
    socket.onerror = () => {};
    this.socket = socket;
  }

  hear(frame, begun, ready) {
    switch (frame.type) {
      case "welcome":
        welcomeMs.add(Date.now() - begun);
        if (!this.cursor) {
          this.cursor = { epoch: frame.epoch, after: frame.seq };
        }
        this.cursor.epoch = frame.epoch;
        if (ready) {
          ready(this);
        }
        break;
      case "snapshot":
        this.snapshot(frame);
        break;
      case "event":
        frames.add(1);
        this.event(frame);
        this.time(frame);
        this.follow(frame, this);
        break;
      case "beat":
        this.beat(frame);
        break;
      case "ok":
      case "no":
        this.answered(frame);
        break;
      default:
        break;
    }
  }

  // How long a message of somebody else took, if it says when it was due.
  time(frame) {
    if (frame.event !== "message" || frame.change !== "posted" || this.isOwn(frame.message)) {
      return;
    }
    const due = /^@(\d+) /.exec(frame.message.text);
    if (due && !this.late) {
      frameMs.add(Date.now() - Number(due[1]));
    }
  }

  // Asks for something that was due at `due`.
  ask(command, due) {
    this.id += 1;
    const id = this.id;
    const timer = setTimeout(() => {
      if (this.waiting.delete(id)) {
        unanswered.add(1);
      }
    }, ANSWER_WITHIN_MS);
    this.waiting.set(id, { due, timer });
    this.send({ id, ...command });
  }

  answered(frame) {
    const asked = this.waiting.get(frame.id);
    if (!asked) {
      return;
    }
    this.waiting.delete(frame.id);
    clearTimeout(asked.timer);
    if (frame.type === "no") {
      refused.add(1);
      console.error(`refused: ${frame.code}: ${frame.message}`);
      return;
    }
    acked.add(1);
    if (asked.due) {
      ackMs.add(Date.now() - asked.due);
    }
  }

  send(frame) {
    if (this.socket.readyState === 1) {
      this.socket.send(JSON.stringify(frame));
    }
  }

  close() {
    this.closing = true;
    this.socket.close(1000);
  }

  closed(event) {
    if (!this.closing) {
      cut.add(1);
      console.error(`cut off: ${event.code} ${event.reason || ""}`);
    }
    for (const [id, { due, timer }] of this.waiting) {
      clearTimeout(timer);
      console.error(`not answered: command ${id} of ${this.id}, due ${Date.now() - due} ms ago`);
      unanswered.add(1);
    }
    this.waiting.clear();
  }
}

// A member of the team: the events of a workspace have numbers without holes.
export class Agent extends Session {
  isOwn(message) {
    return message.author.kind === "agent";
  }

  snapshot(frame) {
    this.cursor.after = frame.seq;
  }

  event(frame) {
    if (frame.seq <= this.cursor.after) {
      doubles.add(1);
    } else if (frame.seq > this.cursor.after + 1) {
      gaps.add(1);
    }
    this.cursor.after = Math.max(this.cursor.after, frame.seq);
  }

  beat(frame) {
    if (frame.seq > this.cursor.after) {
      gaps.add(1);
      this.cursor.after = frame.seq;
    }
  }

  post(conversation, text, due) {
    this.ask({ type: "post", conversation, ref: reference(), kind: "public", text }, due);
  }
}

// A visitor: the messages of the conversation have numbers without holes.
export class Visitor extends Session {
  constructor(url, hello) {
    super(url, hello);
    this.last = 0;
  }

  isOwn(message) {
    return message.author.kind === "you";
  }

  snapshot(frame) {
    this.cursor.after = frame.seq;
    const conversation = frame.snapshot.conversation;
    this.last = conversation ? conversation.last_n : 0;
  }

  event(frame) {
    this.cursor.after = Math.max(this.cursor.after, frame.seq);
    if (frame.event !== "message" || frame.change !== "posted") {
      return;
    }
    const n = frame.message.n;
    if (n <= this.last) {
      doubles.add(1);
    } else if (n > this.last + 1) {
      gaps.add(1);
    }
    this.last = Math.max(this.last, n);
  }

  beat(frame) {
    this.cursor.after = Math.max(this.cursor.after, frame.seq);
  }

  post(text, due) {
    this.ask({ type: "post", ref: reference(), text }, due);
  }
}

// A name that no message had before.
function reference() {
  const part = () =>
    Math.floor(Math.random() * 0x100000000)
      .toString(16)
      .padStart(8, "0");
  return `k6-${part()}${part()}${part()}`;
}

// Calls `act` with each moment at which something is due, `perSecond` times a second from `begin`
// to `end` (in milliseconds). One that is late is told when it was due, so that a stall counts for
// everything that waited in it.
export function pace(perSecond, begin, end, act, done) {
  const step = 1000 / perSecond;
  // Not all at the same moment.
  let due = begin + Math.random() * step;
  const next = () => {
    while (due < end && due <= Date.now()) {
      act(Math.round(due));
      due += step;
    }
    if (due >= end) {
      done();
      return;
    }
    setTimeout(next, Math.max(0, due - Date.now()));
  };
  setTimeout(next, Math.max(0, due - Date.now()));
}
