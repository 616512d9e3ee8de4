// The rows of a console beside its messages, from a snapshot and what happened since.

import type {
  AgentSnapshot,
  Author,
  Contact,
  ContactId,
  Conversation,
  ConversationId,
  Label,
  LabelId,
  Member,
  MemberId,
  Message,
  Presence,
  PresenceOf,
  Seq,
  Workspace,
} from "./generated.ts";
import { compareTimes, newer } from "./rows.ts";
import type { FrameOf } from "./types.ts";

export interface AgentState {
  readonly me: Member;
  readonly workspace: Workspace;
  readonly members: ReadonlyMap<MemberId, Member>;
  readonly labels: ReadonlyMap<LabelId, Label>;
  readonly contacts: ReadonlyMap<ContactId, Contact>;
  readonly conversations: ReadonlyMap<ConversationId, Conversation>;
  /** By the id of the member or contact; who is absent is offline. */
  readonly presence: ReadonlyMap<string, Presence>;
}

export function agentState(snapshot: AgentSnapshot): AgentState {
  const byId = <T extends { id: string }>(rows: T[]) => new Map(rows.map((row) => [row.id, row]));
  return {
    me: snapshot.me,
    workspace: snapshot.workspace,
    members: byId(snapshot.members),
    labels: byId(snapshot.labels),
    contacts: new Map(),
    conversations: byId(snapshot.conversations),
    presence: new Map(snapshot.presence.map((of) => [idOf(of.who), of.presence])),
  };
}

export function applyAgent(
  state: AgentState,
  frame: FrameOf<"agent", "event" | "presence">,
): AgentState {
  if (frame.type === "presence") return { ...state, presence: present(state.presence, frame) };
  switch (frame.event) {
    case "message":
    case "conversation":
      return withConversation(state, frame.conversation);
    case "contact":
      return withContact(state, frame.contact, frame.seq);
    case "member": {
      const me = frame.member.id === state.me.id ? frame.member : state.me;
      return { ...state, me, members: put(state.members, frame.member) };
    }
    case "label":
      return { ...state, labels: put(state.labels, frame.label) };
    case "label_removed":
      return withoutLabel(state, frame.label, frame.seq);
    case "workspace":
      return { ...state, workspace: frame.workspace };
    default:
      return state;
  }
}

/** Joins conversations fetched by page or one by one; older copies are ignored. */
export function withConversation(state: AgentState, ...rows: Conversation[]): AgentState {
  let { conversations } = state;
  for (const row of rows) {
    const have = conversations.get(row.id);
    if (newer(have, row) !== have) conversations = put(conversations, row);
  }
  return conversations === state.conversations ? state : { ...state, conversations };
}

/** The message or activity line that an event carries. */
export function messageOf(frame: FrameOf<"agent", "event">): Message | null {
  if (frame.event === "message") return frame.message;
  return frame.event === "conversation" ? (frame.activity ?? null) : null;
}

/** The inbox: newest activity first. */
export function byActivity(a: Conversation, b: Conversation): number {
  return (
    compareTimes(b.last_activity_at, a.last_activity_at) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)
  );
}

/** A contact's conversations carry its name: they changed with its event. */
function withContact(state: AgentState, contact: Contact, rev: Seq): AgentState {
  const conversations = new Map(state.conversations);
  for (const [id, row] of conversations) {
    if (row.contact !== contact.id || row.rev > rev) continue;
    conversations.set(id, { ...row, contact_name: contact.name, rev });
  }
  return { ...state, contacts: put(state.contacts, contact), conversations };
}

function withoutLabel(state: AgentState, label: LabelId, rev: Seq): AgentState {
  const labels = new Map(state.labels);
  labels.delete(label);
  const conversations = new Map(state.conversations);
  for (const [id, row] of conversations) {
    if (!row.labels.includes(label)) continue;
    const kept = row.labels.filter((other) => other !== label);
    conversations.set(id, { ...row, labels: kept, rev: Math.max(row.rev, rev) });
  }
  return { ...state, labels, conversations };
}

function put<T extends { id: string }>(rows: ReadonlyMap<string, T>, row: T): Map<string, T> {
  return new Map(rows).set(row.id, row);
}

function present(
  all: ReadonlyMap<string, Presence>,
  { who, presence }: PresenceOf,
): Map<string, Presence> {
  const changed = new Map(all);
  if (presence === "offline") changed.delete(idOf(who));
  else changed.set(idOf(who), presence);
  return changed;
}

function idOf(who: Author): string {
  return "id" in who ? who.id : "";
}
