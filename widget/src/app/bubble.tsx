/** One message: its words, files, reactions, and how far it has come. */

import type { Attachment, Marks, VisitorAuthor, VisitorQuote } from "@switchboard/wire";
import type { VNode } from "preact";
import { timeOf } from "./arrange.ts";
import type { Chat, ChatLine } from "./chat.ts";
import { File, PendingFile } from "./files.tsx";
import { isJumbo, linkify } from "./linkify.ts";
import type { Speech } from "./locale.ts";
import { Avatar, Icon, IconButton, memo } from "./parts.tsx";

/** What can be done with a message. */
export interface Acts {
  menu(line: ChatLine, anchor: HTMLElement): void;
  react(message: string, emoji: string, on: boolean): void;
  view(file: Attachment, line: ChatLine): void;
  jump(message: string): void;
}

interface BubbleProps {
  chat: Chat;
  say: Speech;
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

export function authorName(author: VisitorAuthor, say: Speech): string {
  return author.kind === "agent" ? author.name : author.kind === "you" ? say("you") : "";
}

function Words({ text }: { text: string }): VNode {
  return (
    <p class={isJumbo(text) ? "words jumbo" : "words"} dir="auto">
      {linkify(text).map((part) =>
        part.href ? (
          <a href={part.href} target="_blank" rel="noopener noreferrer nofollow ugc">
            {part.text}
          </a>
        ) : (
          part.text
        ),
      )}
    </p>
  );
}

/** sending, sent, delivered, read, or why it waits: what is known, and no more. */
function Tick({ say, line, team, edit, live }: BubbleProps): VNode | null {
  const { row, entry } = line;
  if (entry || edit !== undefined) {
    const waits = !live && entry?.state !== "sent";
    return <Icon name="clock" label={say(waits ? "waiting" : "sending")} />;
  }
  const far = row.n <= (team?.read ?? 0) ? "read" : row.n <= (team?.delivered ?? 0) ? "delivered" : "sent";
  return (
    <span class={`tick ${far}`} title={say(far)}>
      <Icon name={far === "sent" ? "sent" : "double"} label={say(far)} />
    </span>
  );
}

function Failure({ chat, say, line }: BubbleProps): VNode {
  const { ref = "", problem } = line.entry ?? {};
  return (
    <div class="failure" role="alert">
      <Icon name="alert" />
      <span>{say("failed")}</span>
      {problem && <small>{problem.message}</small>}
      <button type="button" onClick={() => chat.client.outbox.retry(ref)}>
        {say("retry")}
      </button>
      <button type="button" onClick={() => chat.client.outbox.discard(ref)}>
        {say("discard")}
      </button>
    </div>
  );
}

function Reactions({ say, acts, line: { row } }: BubbleProps): VNode | null {
  if (!row?.reactions.length) return null;
  return (
    <div class="reactions">
      {row.reactions.map(({ emoji, count, yours }) => (
        <button
          type="button"
          key={emoji}
          aria-pressed={yours}
          aria-label={say("reaction", { emoji, count })}
          onClick={() => acts.react(row.id, emoji, !yours)}
        >
          {emoji}
          {count > 1 && <span>{count}</span>}
        </button>
      ))}
    </div>
  );
}

function Content(props: BubbleProps): VNode {
  const { chat, say, acts, line, quote, edit } = props;
  const { row, entry } = line;
  if (row?.deleted_at) return <p class="words gone">{say("deleted")}</p>;
  const text = edit ?? row?.text ?? entry?.post.text ?? "";
  const about = row?.reply_to ?? quote;
  const onView = (file: Attachment) => acts.view(file, line);
  return (
    <>
      {about && (
        <button type="button" class="quote" onClick={() => acts.jump(about.id)}>
          <b>{authorName(about.author, say)}</b>
          <span dir="auto">{about.excerpt || say("attachment")}</span>
        </button>
      )}
      {row?.attachments.map((file) => (
        <File key={file.id} {...{ chat, say, file, onView }} />
      ))}
      {entry?.post.attachments?.map((id) => (
        <PendingFile key={id} {...{ chat, say, id, onView }} />
      ))}
      {text && <Words text={text} />}
    </>
  );
}

export const Bubble = memo((props: BubbleProps): VNode => {
  const { say, acts, line, first, last, chosen } = props;
  const { row, entry } = line;
  const author: VisitorAuthor = row?.author ?? { kind: "you" };
  if (author.kind === "system") return <li class="system">{row?.text}</li>;
  const mine = author.kind === "you";
  const failed = entry?.state === "failed";
  const alive = row && !row.deleted_at;
  const at = timeOf(line);
  const jumbo = alive && !row.reply_to && isJumbo(row.text) && row.attachments.length === 0;
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
          <div class={`bubble${jumbo ? " bare" : ""}${failed ? " failed" : ""}${entry && !failed ? " going" : ""}`}>
            <Content {...props} />
          </div>
          {alive && <IconButton icon="more" label={say("options")} expanded={chosen} onClick={open} />}
        </div>
        <Reactions {...props} />
        {failed ? (
          <Failure {...props} />
        ) : (
          (last || entry || row?.edited_at) && (
            <span class="meta">
              {row?.edited_at && !row.deleted_at && <span>{say("edited")}</span>}
              <time dateTime={new Date(at).toISOString()}>{say.time(at)}</time>
              {mine && !row?.deleted_at && <Tick {...props} />}
            </span>
          )
        )}
      </div>
    </li>
  );
});
