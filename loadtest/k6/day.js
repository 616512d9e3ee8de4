// A day's mixture: visitors write, customers write on WhatsApp, agents answer some of it, and turn
// pages of the inbox and search meanwhile. RATE counts all messages.

import exec from "k6/execution";
import { Trend } from "k6/metrics";

import { crowd, watches, writes } from "./lib/people.js";
import { dated, refused } from "./lib/session.js";
import {
  agents,
  ask,
  lead,
  rate,
  seconds,
  summaryTrendStats,
  thresholds,
  visitors,
} from "./lib/stage.js";
import { webhook } from "./lib/webhooks.js";

export { handleSummary } from "./lib/report.js";

// Of what visitors write in the chat, so much is answered; with it the shares add up.
const ANSWERED = 0.5;
const BY_VISITORS = 0.4;
const BY_WEBHOOKS = 0.4;
const PAGES_PER_SECOND = 20;

const pageMs = new Trend("page_ms", true);

const arriving = (name, perSecond) => ({
  executor: "constant-arrival-rate",
  exec: name,
  rate: Math.max(1, Math.round(perSecond)),
  timeUnit: "1s",
  startTime: `${lead}s`,
  duration: `${seconds}s`,
  preAllocatedVUs: Math.min(300, Math.max(50, Math.round(perSecond))),
  maxVUs: 500,
});

export const options = {
  scenarios: {
    agents: crowd("work", agents),
    visitors: crowd("write", visitors),
    webhooks: arriving("bring", rate * BY_WEBHOOKS),
    pages: arriving("turn", PAGES_PER_SECOND),
  },
  thresholds: { ...thresholds, page_ms: ["p(99)<500"] },
  summaryTrendStats,
};

export function write() {
  writes((rate * BY_VISITORS) / visitors);
}

export function work() {
  watches((agent, message) => {
    if (Math.random() < ANSWERED) {
      const now = Date.now();
      agent.post(message.conversation, dated(now, "It left yesterday."), now);
    }
  });
}

export function bring() {
  const serial = exec.scenario.iterationInTest;
  const perSecond = Math.max(1, Math.round(rate * BY_WEBHOOKS));
  webhook(serial, Math.round(exec.scenario.startTime + (serial * 1000) / perSecond));
}

export function turn() {
  const serial = exec.scenario.iterationInTest;
  const paths = [
    "/conversations?status=open&limit=50",
    "/conversations?assignee=nobody&limit=50",
    "/search?q=monday&limit=20",
    "/conversations/counts",
  ];
  const due = exec.scenario.startTime + (serial * 1000) / PAGES_PER_SECOND;
  const answer = ask(serial, paths[serial % paths.length], "page");
  if (answer.status === 200) {
    pageMs.add(Date.now() - due);
  } else {
    refused.add(1);
    console.error(`a page was answered ${answer.status}: ${answer.body}`);
  }
}
