// What people do for the length of a run.

import exec from "k6/execution";
import { setTimeout } from "k6/timers";

import { Agent, dated, pace, Visitor } from "./session.js";
import { boot, lead, seconds, socketUrl, tail, workspace } from "./stage.js";

// When writing begins and ends, for everybody at the same time.
export function times() {
  const begin = exec.scenario.startTime + lead * 1000;
  return { begin, end: begin + seconds * 1000 };
}

// The scenario in which each of so many does `name` once.
export function crowd(name, many, other) {
  return {
    executor: "per-vu-iterations",
    exec: name,
    vus: Math.max(1, many),
    iterations: 1,
    maxDuration: `${lead + seconds + tail + 60}s`,
    gracefulStop: "5s",
    ...other,
  };
}

// Which of the crowd this is, from 0.
export function nth() {
  return exec.scenario.iterationInTest;
}

// A visitor who writes so often, from beginning to end.
export function writes(perSecond) {
  const me = nth();
  const { begin, end } = times();
  const visitor = new Visitor(socketUrl(me, "/ws/visitor"), { token: boot(me) });
  visitor.open(() => {
    const act = (due) => visitor.post(dated(due, "I have heard nothing since Monday."), due);
    pace(perSecond, begin, end, act, () => leave(visitor));
  });
}

// A member of the team who sees everything. `answer` decides what is said to a visitor's message in
// the chat, if anything.
export function watches(answer) {
  const me = nth();
  const { end } = times();
  const agent = new Agent(socketUrl(me, "/ws/agent"), { token: workspace(me).token });
  agent.follow = (frame) => {
    const posted = frame.event === "message" && frame.change === "posted";
    const chat = posted && frame.conversation.channel === "web";
    if (answer && chat && frame.message.author.kind === "visitor") {
      answer(agent, frame.message);
    }
  };
  agent.open(() => setTimeout(() => agent.close(), end - Date.now() + tail * 1000));
  return agent;
}

// Stays until a beat has shown whether something is missing.
function leave(session) {
  setTimeout(() => session.close(), tail * 1000);
}
