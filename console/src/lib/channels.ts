/** Channels in words: what they are called, what happened on them, why a message did not arrive. */
import type { Channel, ChannelLine, Failure, FailureCode } from "@switchboard/wire";
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
