/** What can be done with one message. */

import type { VisitorMessage } from "@switchboard/wire";
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Acts } from "../app/bubble.tsx";
import { BIN, COPY, EDIT, REPLY } from "../app/icons.ts";
import type { Model } from "../app/model.ts";
import { Icon } from "../app/parts.tsx";
import { Popover } from "./popover.tsx";

const REACTIONS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

interface MenuProps {
  model: Model;
  row: VisitorMessage;
  anchor: HTMLElement;
  acts: Acts;
  onClose(): void;
}

export function Menu({ model, row, anchor, acts, onClose }: MenuProps): VNode {
  const { say, composition, chat } = model;
  const [sure, ask] = useState(false);
  const mine = row.author.kind === "you";
  const yours = (emoji: string) => row.reactions.some((one) => one.emoji === emoji && one.yours);
  const item = (icon: string, label: string, act: () => void, cls = "") => (
    <button
      type="button"
      role="menuitem"
      class={cls}
      onClick={() => {
        onClose();
        act();
      }}
    >
      <Icon d={icon} flip={icon === REPLY} />
      {label}
    </button>
  );
  const remove = () =>
    chat?.client
      .request({ type: "delete", message: row.id })
      .catch((error: Error) => composition.tell(error.message));
  return (
    <Popover label={say("options")} anchor={anchor} role="menu" onClose={onClose}>
      <div class="react">
        {REACTIONS.map((emoji) => (
          <button
            type="button"
            role="menuitemcheckbox"
            key={emoji}
            aria-checked={yours(emoji)}
            aria-label={say("react", { emoji })}
            onClick={() => {
              onClose();
              acts.react(row.id, emoji, !yours(emoji));
            }}
          >
            {emoji}
          </button>
        ))}
      </div>
      {item(REPLY, say("reply"), () => composition.reply(row.id))}
      {row.text &&
        item(COPY, say("copy"), () => navigator.clipboard?.writeText(row.text).catch(() => {}))}
      {mine && row.text && item(EDIT, say("edit"), () => composition.edit(row))}
      {mine &&
        (sure ? (
          item(BIN, say("delete-sure"), remove, "danger")
        ) : (
          <button type="button" role="menuitem" class="danger" onClick={() => ask(true)}>
            <Icon d={BIN} />
            {say("delete")}
          </button>
        ))}
    </Popover>
  );
}
