/** Rows for tests: whole, valid, and the same unless told otherwise. */
import type { Conversation, Member, Message } from "@switchboard/wire";

const START = Date.parse("2026-03-02T09:00:00Z");

/** So many minutes after nine o'clock on a Monday. */
export function minute(n: number): string {
  return new Date(START + n * 60_000).toISOString();
}

export function conversation(id: string, changes: Partial<Conversation> = {}): Conversation {
  return {
    id,
    rev: 1,
    contact: `con_${id}`,
    contact_name: id,
    channel: "web",
    account: null,
    window: null,
    abilities: {
      edits: true,
      deletes: true,
      reacts: true,
      files: true,
      replies: true,
      templates: false,
      choices: false,
      private_replies: false,
    },
    comments: false,
    peer_delivered_at: null,
    peer_read_at: null,
    status: { state: "open" },
    assignee: null,
    labels: [],
    last_n: 1,
    preview: null,
    team: { delivered: 1, read: 1 },
    visitor: { delivered: 0, read: 0 },
    unread: 0,
    created_at: minute(0),
    last_activity_at: minute(0),
    ...changes,
  };
}

export function message(seq: number, changes: Partial<Message> = {}): Message {
  return {
    id: `msg_${seq}`,
    conversation: "cnv_a",
    seq,
    rev: seq,
    n: seq,
    kind: "public",
    author: { kind: "visitor", id: "con_a" },
    text: `message ${seq}`,
    attachments: [],
    reply_to: null,
    reactions: [],
    activity: null,
    created_at: minute(seq),
    edited_at: null,
    deleted_at: null,
    ref: null,
    ...changes,
  };
}

export function member(id: string, changes: Partial<Member> = {}): Member {
  return { id, name: id, email: `${id}@example.com`, role: "agent", active: true, ...changes };
}
