/** What is in a bubble, and below it. */

import type { Attachment, VisitorMessage } from "@switchboard/wire";
import type { VNode } from "preact";
import { authorName } from "../app/author.ts";
import type { BubbleProps } from "../app/bubble.tsx";
import { ALERT } from "../app/icons.ts";
import { Icon } from "../app/parts.tsx";
import { File, PendingFile } from "./files.tsx";
import { linkify, onlyEmoji } from "./linkify.ts";

function Words({ text }: { text: string }): VNode {
  return (
    <p class={onlyEmoji(text) ? "words jumbo" : "words"} dir="auto">
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

export function Failure({ chat, say, line }: BubbleProps): VNode {
  const { ref = "", problem } = line.entry ?? {};
  return (
    <div class="failure" role="alert">
      <Icon d={ALERT} />
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

export function Reactions({ say, acts, line: { row } }: BubbleProps): VNode | null {
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

/** To the message that is quoted, if it is among those that are drawn. */
function jump(quote: Element, message: string): void {
  const row = quote.closest("ol")?.querySelector(`[data-id="${CSS.escape(message)}"]`);
  row?.scrollIntoView({ block: "center", behavior: "smooth" });
  row?.animate([{ opacity: 0.4 }, { opacity: 1 }], 900);
}

export function Content(props: BubbleProps): VNode {
  const { chat, say, acts, line, quote, edit } = props;
  const { row, entry } = line;
  if (row?.deleted_at) return <p class="words gone">{say("deleted")}</p>;
  const text = edit ?? row?.text ?? entry?.post.text ?? "";
  const about = row?.reply_to ?? quote;
  const onView = (file: Attachment) => acts.view(file, line);
  return (
    <>
      {about && (
        <button
          type="button"
          class="quote"
          onClick={(event) => jump(event.currentTarget, about.id)}
        >
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

/** Whether it needs no bubble around it. */
export function isJumbo(row: VisitorMessage): boolean {
  return !row.reply_to && row.attachments.length === 0 && onlyEmoji(row.text);
}
