/** Above the text: the message that is answered or changed. */

import type { VNode } from "preact";
import { authorName } from "../app/author.ts";
import { CLOSE, EDIT, REPLY } from "../app/icons.ts";
import type { Model } from "../app/model.ts";
import { Icon, IconButton } from "../app/parts.tsx";

export function About({ model }: { model: Model }): VNode | null {
  const { composition, chat, say } = model;
  const { editing, replyTo } = composition;
  const id = editing ?? replyTo;
  if (!id) return null;
  const row = chat?.state.thread.rows.find((other) => other.id === id);
  return (
    <div class="about">
      <Icon d={editing ? EDIT : REPLY} flip={!editing} />
      <span>
        <b>
          {editing
            ? say("editing")
            : say("replying", { name: row ? authorName(row.author, say) : "" })}
        </b>
        <span dir="auto">{row && (row.text || say("attachment"))}</span>
      </span>
      <IconButton icon={CLOSE} label={say("cancel")} onClick={() => composition.cancel()} />
    </div>
  );
}
