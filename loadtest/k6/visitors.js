// Visitors write, RATE messages a second between them; an agent of each workspace sees everything.

import { crowd, watches, writes } from "./lib/people.js";
import { agents, rate, summaryTrendStats, thresholds, visitors } from "./lib/stage.js";

export { handleSummary } from "./lib/report.js";

export const options = {
  scenarios: { agents: crowd("watch", agents), visitors: crowd("write", visitors) },
  thresholds,
  summaryTrendStats,
};

export function write() {
  writes(rate / visitors);
}

export function watch() {
  watches();
}
