// Signed webhooks of WhatsApp, RATE a second whether or not those before have been answered.

import exec from "k6/execution";

import { crowd, watches } from "./lib/people.js";
import { agents, lead, rate, seconds, summaryTrendStats, thresholds } from "./lib/stage.js";
import { webhook } from "./lib/webhooks.js";

export { handleSummary } from "./lib/report.js";

export const options = {
  scenarios: {
    agents: crowd("watch", agents),
    webhooks: {
      executor: "constant-arrival-rate",
      exec: "bring",
      rate,
      timeUnit: "1s",
      startTime: `${lead}s`,
      duration: `${seconds}s`,
      preAllocatedVUs: Math.min(500, Math.max(50, rate)),
      maxVUs: 1000,
    },
  },
  thresholds: { ...thresholds, dropped_iterations: ["count==0"] },
  summaryTrendStats,
};

export function bring() {
  const serial = exec.scenario.iterationInTest;
  // An iteration that had to wait for a free VU counts from when it was due.
  webhook(serial, Math.round(exec.scenario.startTime + (serial * 1000) / rate));
}

export function watch() {
  watches();
}
