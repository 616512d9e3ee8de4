/** Channels in words: what they are called, what happened on them, why a message did not arrive. */
import type {
  Account,
  BusinessConnection,
  Card,
  Channel,
  ChannelLine,
  Conversation,
  Failure,
  FailureCode,
} from "@switchboard/wire";
import type { IconName } from "../ui/icons.ts";
import { t } from "./messages.ts";

export const CHANNELS: readonly Channel[] = [
  "web",
  "whatsapp",
  "messenger",
  "instagram",
  "telegram",
];

export function channelName(channel: Channel): string {
  return t(`channel-${channel}`);
}

export const CHANNEL_ICONS: Record<Channel, IconName> = {
  web: "globe",
  whatsapp: "phoneChat",
  messenger: "bolt",
  instagram: "camera",
  telegram: "plane",
};

/** Cards that say enough by their name. */
const CARD_WORDS: Partial<Record<Card["type"], string>> = {
  location: "card-location",
  contacts: "card-contacts",
  sticker: "card-sticker",
  voice: "card-voice",
  order: "card-order",
  form: "card-form",
};

/** Through whose own account a conversation runs, where it does and that is known. */
export function connectionOf(
  row: Conversation,
  accounts: ReadonlyMap<string, Account>,
): BusinessConnection | undefined {
  const account = row.account && row.connection ? accounts.get(row.account) : undefined;
  return account?.connections?.find(({ id }) => id === row.connection);
}

/** The channel of a conversation, the account it is held with, and for whom that answers. */
export function heldWith(row: Conversation, accounts: ReadonlyMap<string, Account>): string {
  const account = row.account ? accounts.get(row.account) : undefined;
  const owner = connectionOf(row, accounts);
  const words = [channelName(row.channel), account?.name];
  if (owner) words.push(t("business-for", { name: owner.name }));
  return words.filter((word) => word !== undefined).join(" · ");
}

/** A word of a platform, as people write: "PENDING_REVIEW" is "Pending review". */
export function humanWord(word: string): string {
  if (!/^[A-Z][A-Z0-9_]+$/.test(word)) return word;
  return word.charAt(0) + word.slice(1).toLowerCase().replaceAll("_", " ");
}

/** A name that a platform gives to a field or a kind, as people write: "end_time" is "End time". */
export function humanName(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What stands for a message that has no text. */
export function textless(files: number, card?: Card | null): string {
  if (card) {
    const known = CARD_WORDS[card.type];
    if (known) return t(known);
  }
  return files > 0 ? t("preview-file", { count: files }) : t("preview-textless");
}

/** What happened on a channel, in a sentence. */
export function channelLine(told: ChannelLine): string {
  if (told.line === "other") return t("line-other", { kind: told.kind.replaceAll("_", " ") });
  return t(`line-${told.line.replaceAll("_", "-")}`);
}

/** Why a message did not arrive, and what to do about it. */
export function failureWords(failure: Failure | null | undefined): string {
  const code: FailureCode = failure?.code ?? "refused";
  return t(`failure-${code.replaceAll("_", "-")}`);
}
