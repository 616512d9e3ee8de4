/** One message: its words, files, reactions, and how far it has come. */

import type { Attachment, Marks, VisitorAuthor, VisitorQuote } from "@switchboard/wire";
import type { VNode } from "preact";
import { timeOf } from "./arrange.ts";
import type { Chat, ChatLine } from "./chat.ts";
import { CLOCK, DOUBLE, MORE, SENT } from "./icons.ts";
import type { Speech } from "./locale.ts";
import type { Extras } from "./more.ts";
import { Avatar, Icon, IconButton, memo } from "./parts.tsx";

/** What can be done with a message. */
export interface Acts {
  menu(line: ChatLine, anchor: HTMLElement): void;
  react(message: string, emoji: string, on: boolean): void;
  view(file: Attachment, line: ChatLine): void;
}

export interface BubbleProps {
  chat: Chat;
  say: Speech;
  /** Absent until fetched. */
  extras: Extras | null;
  acts: Acts;
  line: ChatLine;
  first: boolean;
  last: boolean;
  /** How far the team has come. */
  team: Marks | undefined;
  /** Words that the server has not confirmed. */
  edit: string | undefined;
  /** The message that a line on its way answers. */
  quote: VisitorQuote | null;
  /** Whether what is on its way can move. */
  live: boolean;
  /** Whether its menu is open. */
  chosen: boolean;
}

/** sending, sent, delivered, read, or why it waits: what is known, and no more. */
function Tick({ say, line, team, edit, live }: BubbleProps): VNode | null {
  const { row, entry } = line;
  if (entry || edit !== undefined) {
    const waits = !live && entry?.state !== "sent";
    return <Icon d={CLOCK} label={say(waits ? "waiting" : "sending")} />;
  }
  const far =
    row.n <= (team?.read ?? 0) ? "read" : row.n <= (team?.delivered ?? 0) ? "delivered" : "sent";
  return (
    <span class={`tick ${far}`} title={say(far)}>
      <Icon d={far === "sent" ? SENT : DOUBLE} label={say(far)} />
    </span>
  );
}

export const Bubble = memo((props: BubbleProps): VNode => {
  const { say, extras, acts, line, first, last, chosen } = props;
  const { row, entry } = line;
  const author: VisitorAuthor = row?.author ?? { kind: "you" };
  if (author.kind === "system") return <li class="system">{row?.text}</li>;
  const mine = author.kind === "you";
  const failed = entry?.state === "failed";
  const alive = row && !row.deleted_at;
  const at = timeOf(line);
  const jumbo = alive && extras?.isJumbo(row);
  const open = (event: Event) => alive && acts.menu(line, event.currentTarget as HTMLElement);
  return (
    <li
      class={`row ${mine ? "mine" : "theirs"}${first ? " first" : ""}${last ? " last" : ""}${chosen ? " chosen" : ""}`}
      data-id={row?.id}
    >
      {!mine && (last ? <Avatar name={author.name} /> : <span class="avatar blank" />)}
      <div class="stack">
        {!mine && first && <span class="name">{author.name}</span>}
        {mine && <span class="sr">{say("you")}</span>}
        <div class="line">
          <div class={`bubble${jumbo ? " bare" : ""}${failed ? " failed" : ""}`}>
            {extras ? (
              <extras.Content {...props} />
            ) : (
              <p class="words">{row?.text ?? entry?.post.text}</p>
            )}
          </div>
          {alive && (
            <IconButton icon={MORE} label={say("options")} expanded={chosen} onClick={open} />
          )}
        </div>
        {extras && <extras.Reactions {...props} />}
        {failed
          ? extras && <extras.Failure {...props} />
          : (last || entry || row?.edited_at) && (
              <span class="meta">
                {row?.edited_at && !row.deleted_at && <span>{say("edited")}</span>}
                <time dateTime={new Date(at).toISOString()}>{say.time(at)}</time>
                {mine && !row?.deleted_at && <Tick {...props} />}
              </span>
            )}
      </div>
    </li>
  );
});
