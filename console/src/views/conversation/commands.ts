/** The commands of an open conversation. */
import type { Command } from "../../lib/commands.svelte.ts";
import type { Reading } from "../../lib/reading.svelte.ts";

interface Openers {
  assign: () => void;
  label: () => void;
  snooze: () => void;
  back: () => void;
  contact: () => void;
}

export function conversationCommands(reading: Reading, open: Openers): Command[] {
  const write = (kind: "public" | "note") => () => {
    reading.kind = kind;
    reading.focusComposer();
  };
  const { desk } = reading;
  const assignToMe = () =>
    void desk.do({ type: "assign", conversation: reading.id, member: desk.rows.me.id });
  const resolve = () => {
    const state = reading.row?.status.state === "resolved" ? "open" : "resolved";
    void reading.setStatus({ state });
  };
  const group = "conversation";
  return [
    { id: "reply", group, keys: "r", icon: "reply", run: write("public") },
    { id: "note", group, keys: "n", icon: "note", run: write("note") },
    { id: "resolve", group, keys: "e", icon: "check", run: resolve },
    { id: "snooze", group, keys: "s", icon: "snooze", run: open.snooze },
    { id: "assign", group, keys: "a", icon: "userPlus", run: open.assign },
    { id: "assign-me", group, keys: "i", icon: "user", run: assignToMe },
    { id: "label", group, keys: "l", icon: "tag", run: open.label },
    {
      id: "pending",
      group,
      keys: "p",
      icon: "pause",
      run: () => void reading.setStatus({ state: "pending" }),
    },
    { id: "contact", group, keys: "c", icon: "panel", run: open.contact },
    { id: "close", group, keys: "escape", keyOnly: true, run: open.back },
  ];
}
