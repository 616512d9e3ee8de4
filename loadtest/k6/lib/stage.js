// What `loadtest prepare` made: where the servers are, and workspaces there with their keys, tokens
// and numbers. And what the command line asks of a run.

import http from "k6/http";

export const stage = JSON.parse(open(__ENV.STAGE));

// A number from the environment.
export function setting(name, otherwise) {
  return __ENV[name] ? Number(__ENV[name]) : otherwise;
}

// Messages a second, of everybody together.
export const rate = setting("RATE", 200);
// How long it lasts once everybody is there.
export const seconds = setting("SECONDS", 30);
// Until everybody is there.
export const lead = setting("LEAD", 10);
// After the last message: a beat comes every five seconds and shows what was lost.
export const tail = 8;
export const visitors = setting("VISITORS", 100);
export const agents = setting("AGENTS", stage.workspaces.length);
// What 99 of 100 must stay below, in milliseconds.
const p99 = setting("P99_MS", 250);

// Nothing may be missing, doubled, refused or left without an answer.
export const thresholds = {
  gaps: ["count==0"],
  doubles: ["count==0"],
  refused: ["count==0"],
  unanswered: ["count==0"],
  cut: ["count==0"],
  ack_ms: [`p(99)<${p99}`],
  frame_ms: [`p(99)<${p99}`],
};

export const summaryTrendStats = ["count", "p(50)", "p(90)", "p(99)", "p(99.9)", "max"];

// One of the servers: everybody is spread over all of them.
export function base(nth) {
  return stage.bases[nth % stage.bases.length];
}

export function socketUrl(nth, path) {
  return base(nth).replace(/^http/, "ws") + path;
}

export function workspace(nth) {
  return stage.workspaces[nth % stage.workspaces.length];
}

// A new visitor's token.
export function boot(nth) {
  const answer = http.post(
    `${base(nth)}/api/v1/widget/boot`,
    JSON.stringify({ key: workspace(nth).key }),
    { headers: { "content-type": "application/json" }, tags: { name: "boot" } },
  );
  if (answer.status !== 200) {
    throw new Error(`boot was answered ${answer.status}: ${answer.body}`);
  }
  return answer.json("token");
}

// Asks the REST interface as a member of the team. Answers with the response.
export function ask(nth, path, name) {
  return http.get(`${base(nth)}/api/v1${path}`, {
    headers: { authorization: `Bearer ${workspace(nth).token}` },
    tags: { name },
  });
}
