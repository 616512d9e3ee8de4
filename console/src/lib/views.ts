/** Which conversations a view of the inbox holds, and how they are asked for. */
import type { Channel, Conversation, Counts, MemberId, Query } from "@switchboard/wire";
import type { IconName } from "../ui/icons.ts";
import type { FolderKey, ViewKey } from "./routes.ts";

export function labelOf(view: ViewKey): string | null {
  return view.startsWith("label:") ? view.slice("label:".length) : null;
}

export function channelOf(view: ViewKey): Channel | null {
  return view.startsWith("channel:") ? (view.slice("channel:".length) as Channel) : null;
}

/** Whether the conversation is in the view, for the member `me`. */
export function belongs(view: ViewKey, row: Conversation, me: MemberId): boolean {
  const label = labelOf(view);
  if (label !== null) return row.labels.includes(label);
  const open = row.status.state === "open";
  const channel = channelOf(view);
  if (channel !== null) return open && row.channel === channel;
  switch (view) {
    case "mine":
      return open && row.assignee === me;
    case "unassigned":
      return open && row.assignee === null;
    default:
      return row.status.state === view;
  }
}

/** The view's filter as the server understands it. */
export function queryOf(view: ViewKey): Query {
  const label = labelOf(view);
  if (label !== null) return { status: "all", label };
  const channel = channelOf(view);
  if (channel !== null) return { status: "open", channel };
  if (view === "mine") return { status: "open", assignee: "me" };
  if (view === "unassigned") return { status: "open", assignee: "nobody" };
  return { status: view };
}

export const FOLDER_ICONS: Record<FolderKey, IconName> = {
  mine: "user",
  unassigned: "userOff",
  open: "inbox",
  pending: "pause",
  snoozed: "snooze",
  resolved: "checkCircle",
};

export const NO_COUNTS: Counts = {
  open: 0,
  mine: 0,
  unassigned: 0,
  pending: 0,
  snoozed: 0,
  resolved: 0,
  unread: 0,
};

/** What one conversation adds to the counts. */
function share(row: Conversation, me: MemberId): Counts {
  const counts = { ...NO_COUNTS };
  counts[row.status.state] = 1;
  if (row.status.state === "open") {
    counts.mine = row.assignee === me ? 1 : 0;
    counts.unassigned = row.assignee === null ? 1 : 0;
    counts.unread = row.unread > 0 ? 1 : 0;
  }
  return counts;
}

/** The counts after a conversation that was `before` became `after`. */
export function recount(
  counts: Counts,
  before: Conversation,
  after: Conversation,
  me: MemberId,
): Counts {
  const minus = share(before, me);
  const plus = share(after, me);
  const next = { ...counts };
  for (const key of Object.keys(NO_COUNTS) as (keyof Counts)[]) {
    next[key] = Math.max(0, counts[key] - minus[key] + plus[key]);
  }
  return next;
}
