// A reconnect storm: SOCKETS visitors are dropped at the same moment, are answered meanwhile, and
// all come back at once. Each must have every message once.

import http from "k6/http";
import { Trend } from "k6/metrics";
import { setTimeout } from "k6/timers";

import { crowd, nth, times, watches } from "./lib/people.js";
import { doubles, gaps, Visitor } from "./lib/session.js";
import {
  agents,
  base,
  boot,
  seconds,
  setting,
  socketUrl,
  summaryTrendStats,
  tail,
  thresholds,
} from "./lib/stage.js";

export { handleSummary } from "./lib/report.js";

const sockets = setting("SOCKETS", 1000);
// Sockets of one VU, which are in one thread of JavaScript.
const EACH = 20;
// For how long everybody is gone.
const GONE_MS = 3000;
// Storms are so far apart.
const APART_MS = Math.max(10, Math.min(20, seconds / 2)) * 1000;

// From the attempt to come back until the first beat, which comes when everything has been sent.
const backMs = new Trend("back_ms", true);

export const options = {
  scenarios: {
    agents: crowd("answer", agents),
    visitors: crowd("weather", Math.ceil(sockets / EACH)),
  },
  thresholds: { ...thresholds, back_ms: [`p(99)<${setting("BACK_MS", 15000)}`] },
  summaryTrendStats,
};

export function weather() {
  const me = nth();
  for (let at = 0; at < EACH; at += 1) {
    const which = me * EACH + at;
    one(which, boot(which));
  }
}

// One visitor's life: a message, then storms until the end.
function one(which, token) {
  const { begin, end } = times();
  const visitor = new Visitor(socketUrl(which, "/ws/visitor"), { token });
  const heard = visitor.beat.bind(visitor);
  visitor.beat = (frame) => {
    heard(frame);
    if (visitor.since) {
      backMs.add(Date.now() - visitor.since);
      visitor.since = null;
    }
  };
  visitor.open(() => visitor.post("Hello, I will be gone for a moment.", Date.now()));
  const storm = (at) => {
    if (at + GONE_MS >= end) {
      setTimeout(() => finish(visitor, which, token), end - Date.now() + tail * 1000);
      return;
    }
    setTimeout(
      () => {
        visitor.close();
        setTimeout(() => {
          visitor.since = Date.now();
          // What was missed is sent late, and its delay is the storm's.
          visitor.late = true;
          visitor.open();
        }, GONE_MS);
        storm(at + APART_MS);
      },
      Math.max(0, at - Date.now()),
    );
  };
  storm(begin);
}

// Compares what came with what there is.
function finish(visitor, which, token) {
  const answer = http.get(`${base(which)}/api/v1/visitor/messages?limit=1`, {
    headers: { authorization: `Bearer ${token}` },
    tags: { name: "messages" },
  });
  if (answer.status !== 200) {
    refused.add(1);
    console.error(`a visitor's messages were answered ${answer.status}: ${answer.body}`);
    visitor.close();
    return;
  }
  const newest = answer.json("items")[0];
  if (newest && newest.n > visitor.last) {
    gaps.add(newest.n - visitor.last);
  } else if (newest && newest.n < visitor.last) {
    doubles.add(1);
  }
  visitor.close();
}

// An agent who answers each visitor a moment later, when most are gone.
export function answer() {
  const { begin, end } = times();
  const known = [];
  const agent = watches((_, message) => known.push(message.conversation));
  for (let at = begin + 500; at + GONE_MS < end; at += APART_MS) {
    setTimeout(
      () => {
        for (const conversation of known.filter((_, place) => place % 10 === 0)) {
          agent.post(conversation, "We are still here when you are back.", null);
        }
      },
      Math.max(0, at - Date.now()),
    );
  }
}
