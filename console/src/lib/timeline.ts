/** A conversation as it is shown: days, groups of one author, the line above what is unread. */
import type { Conversation, DeliveryState, DraftOf, Entry, Line, Message } from "@switchboard/wire";
import { daysApart } from "./format.ts";

export type AgentLine = Line<Message, DraftOf<"agent">>;
export type AgentEntry = Entry<DraftOf<"agent">>;

export type Item =
  | { key: string; kind: "day"; at: number }
  | { key: string; kind: "unread" }
  | { key: string; kind: "activity"; row: Message }
  | {
      key: string;
      kind: "message";
      line: AgentLine;
      /** Whether it begins or ends a run of one author. */
      first: boolean;
      last: boolean;
    };

const GROUP_WITHIN = 5 * 60_000;

export function timeOf(line: AgentLine): number {
  return line.row ? Date.parse(line.row.created_at) : line.entry.at;
}

/** Later than this after it was written, a message is shown with the time of its writing. */
const LATE = 5 * 60_000;

/** When a message was written by the platform's clock, where it came much later. */
export function writtenAt(row: Message): number | null {
  const written = row.sent_at ? Date.parse(row.sent_at) : null;
  return written !== null && Date.parse(row.created_at) - written > LATE ? written : null;
}

/** Two lines of the same run have the same of this. */
function runOf(line: AgentLine, me: string): string {
  if (!line.row) return `${line.entry.post.kind} agent ${me}`;
  const { author, kind } = line.row;
  const sender = line.row.extra?.sender ?? line.row.extra?.via ?? "";
  return `${kind} ${author.kind} ${"id" in author ? author.id : ""}${sender && ` ${sender}`}`;
}

interface Options {
  me: string;
  /** Messages of the visitor with a higher number are new to the team. */
  readUpTo: number | null;
}

function isActivity(line: AgentLine): boolean {
  return line.row?.kind === "activity";
}

function startsUnread(line: AgentLine, readUpTo: number | null): boolean {
  if (readUpTo === null || !line.row || line.row.author.kind !== "visitor") return false;
  // What was deleted is not counted as unread.
  if (line.row.deleted_at) return false;
  return line.row.n !== null && line.row.n > readUpTo;
}

export function timeline(lines: readonly AgentLine[], { me, readUpTo }: Options): Item[] {
  const items: Item[] = [];
  let previous: AgentLine | null = null;
  let open: Extract<Item, { kind: "message" }> | null = null;
  let unreadShown = false;
  for (const line of lines) {
    const at = timeOf(line);
    if (!previous || daysApart(new Date(timeOf(previous)), new Date(at)) !== 0) {
      const day = new Date(at);
      const name = `${day.getFullYear()}-${day.getMonth()}-${day.getDate()}`;
      items.push({
        key: `day ${name} ${items.length === 0 ? "" : line.key}`.trim(),
        kind: "day",
        at,
      });
      open = null;
    }
    if (!unreadShown && startsUnread(line, readUpTo)) {
      items.push({ key: "unread", kind: "unread" });
      unreadShown = true;
      open = null;
    }
    if (isActivity(line) && line.row) {
      items.push({ key: line.key, kind: "activity", row: line.row });
      open = null;
    } else {
      const continues: boolean =
        open !== null &&
        runOf(open.line, me) === runOf(line, me) &&
        at - timeOf(open.line) < GROUP_WITHIN;
      if (open && continues) open.last = false;
      open = { key: line.key, kind: "message", line, first: !continues, last: true };
      items.push(open);
    }
    previous = line;
  }
  return items;
}

/** How far a public message of the team has come. */
export type Tick = Exclude<DeliveryState, "failed" | "uncertain">;

/** On the website, by numbers: how far the visitor's own client has come. */
export function tickOf(n: number, visitor: { delivered: number; read: number }): Tick {
  if (n <= visitor.read) return "read";
  return n <= visitor.delivered ? "delivered" : "sent";
}

/**
 * How far a message has come through a platform. Some platforms tell of each message, some only
 * up to which moment everything has come: the further of the two is true.
 */
export function deliveryOf(row: Message, conversation: Conversation): DeliveryState | null {
  const told = row.delivery?.state;
  if (!told) return null;
  if (told !== "sent" && told !== "delivered") return told;
  const sent = Date.parse(row.sent_at ?? row.created_at);
  const reached = (at: string | null) => at !== null && Date.parse(at) >= sent;
  if (reached(conversation.peer_read_at)) return "read";
  return reached(conversation.peer_delivered_at) ? "delivered" : told;
}
