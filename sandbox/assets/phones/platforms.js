// What each app can do, as far as the page needs to know.

export const PLATFORMS = {
  whatsapp: {
    name: "WhatsApp",
    online: "online",
    placeholder: "Message",
    faces: ["👍", "❤️", "😂", "😮", "😢", "🙏"],
    attach: ["photo", "voice", "document", "sticker", "location", "contact"],
    edits: true,
    deletes: "Delete for everyone",
    stamps: true,
    ticks: true,
  },
  messenger: {
    name: "Messenger",
    online: "Active now",
    placeholder: "Aa",
    faces: ["❤️", "😆", "😮", "😢", "😠", "👍"],
    attach: ["photo", "voice", "document", "sticker", "comment"],
    edits: true,
    deletes: null,
    avatars: true,
    seen: "Seen",
  },
  instagram: {
    name: "Instagram",
    online: "kilnandclay",
    placeholder: "Message…",
    faces: ["❤️", "😂", "😮", "😢", "😡", "👍"],
    attach: ["photo", "voice", "sticker", "story_reply", "story_mention", "comment"],
    edits: true,
    deletes: "Unsend",
    avatars: true,
    seen: "Seen",
  },
  telegram: {
    name: "Telegram",
    online: "bot",
    placeholder: "Message",
    faces: ["👍", "❤", "🔥", "🎉", "😁", "🤔"],
    attach: ["photo", "voice", "document", "sticker", "location", "contact"],
    edits: true,
    deletes: null,
    stamps: true,
    ticks: true,
    starts: true,
  },
};

export const ORDER = ["whatsapp", "messenger", "instagram", "telegram"];

const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200d|\ufe0f){1,12}$/u;

/** Whether a text is shown large, as apps do with one to three emoji. */
export function isBig(text) {
  return EMOJI.test(text) && [...new Intl.Segmenter().segment(text)].length <= 3;
}
