// A large team: AGENTS sockets see every message, and one of them in VISITORS conversations answers
// whatever a visitor writes. Half of RATE are questions, half are answers.

import exec from "k6/execution";

import { crowd, watches, writes } from "./lib/people.js";
import { dated } from "./lib/session.js";
import { rate, setting, stage, summaryTrendStats, thresholds, visitors } from "./lib/stage.js";

export { handleSummary } from "./lib/report.js";

const team = setting("AGENTS", 200);

export const options = {
  scenarios: { agents: crowd("work", team), visitors: crowd("write", visitors) },
  thresholds,
  summaryTrendStats,
};

export function write() {
  writes(rate / visitors / 2);
}

// The first agent of each workspace answers; the others look on.
export function work() {
  const answers = exec.scenario.iterationInTest < stage.workspaces.length;
  watches(answers ? answer : undefined);
}

function answer(agent, message) {
  const now = Date.now();
  agent.post(message.conversation, dated(now, "It left yesterday."), now);
}
