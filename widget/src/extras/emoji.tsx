/** A small set of emoji to put into the text. */

import type { VNode } from "preact";
import type { Speech } from "../app/locale.ts";
import { Popover } from "./popover.tsx";

const EMOJI =
  "😀 😄 😂 😊 😍 😘 😉 😎 🤔 😅 😢 😭 😮 😡 😴 🤗 👍 👎 👏 🙌 🙏 💪 👋 🤝 ❤️ 💛 💚 🔥 ✨ 🎉 ✅ ❌ ⭐ 💡 📦 🎁 ☕ 🌷 ☀️ 🚀";

interface EmojiProps {
  say: Speech;
  anchor: HTMLElement;
  onPick(emoji: string): void;
  onClose(): void;
}

export function Emoji({ say, anchor, onPick, onClose }: EmojiProps): VNode {
  return (
    <Popover label={say("emoji")} anchor={anchor} role="dialog" onClose={onClose}>
      <div class="emoji">
        {EMOJI.split(" ").map((one) => (
          <button type="button" key={one} onClick={() => onPick(one)}>
            {one}
          </button>
        ))}
      </div>
    </Popover>
  );
}
