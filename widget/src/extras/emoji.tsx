/** A small set of emoji to put into the text. */

import type { VNode } from "preact";
import type { Model } from "../app/model.ts";
import { Popover } from "./popover.tsx";

const EMOJI =
  "😀 😄 😂 😊 😍 😘 😉 😎 🤔 😅 😢 😭 😮 😡 😴 🤗 👍 👎 👏 🙌 🙏 💪 👋 🤝 ❤️ 💛 💚 🔥 ✨ 🎉 ✅ ❌ ⭐ 💡 📦 🎁 ☕ 🌷 ☀️ 🚀";

interface EmojiProps {
  model: Model;
  /** Where the visitor writes. */
  field: { readonly current: HTMLTextAreaElement | null };
  anchor: HTMLElement;
  onClose(): void;
}

export function Emoji({ model, field, anchor, onClose }: EmojiProps): VNode {
  const { composition, say } = model;
  function insert(emoji: string): void {
    const el = field.current;
    const { text } = composition;
    const [from, to] = [el?.selectionStart ?? text.length, el?.selectionEnd ?? text.length];
    composition.input(text.slice(0, from) + emoji + text.slice(to));
    onClose();
    const after = from + emoji.length;
    requestAnimationFrame(() => {
      el?.focus();
      el?.setSelectionRange(after, after);
    });
  }
  return (
    <Popover label={say("emoji")} anchor={anchor} role="dialog" onClose={onClose}>
      <div class="emoji">
        {EMOJI.split(" ").map((one) => (
          <button type="button" key={one} onClick={() => insert(one)}>
            {one}
          </button>
        ))}
      </div>
    </Popover>
  );
}
