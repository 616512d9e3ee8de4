/**
 * What Meta's window gives, piece by piece: a message that says how it ended, and the code by the
 * SDK's callback. They come in either order, and one of them may not come at all. Pure.
 */
import type { FinishEmbeddedSignup } from "@switchboard/wire";

/** How the window says that it ended. */
export type Ending =
  | { how: "finished"; chosen: Omit<FinishEmbeddedSignup, "code"> }
  /** Left at this step of Meta's forms. */
  | { how: "left"; step: string | null }
  /** After an error that it showed, by the name under which Meta's support finds it. */
  | { how: "error"; words: string; id: string | null };

const FINISHED = ["FINISH", "FINISH_ONLY_WABA", "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"];
/** Longer ones are none of Meta's. */
const WORDS_MAX = 500;

/**
 * Whether `origin` is Meta's, who may speak through any host of the site that `facebook` is of.
 * A name that only ends alike, such as evilfacebook.com, is another's.
 */
export function isOf(facebook: string, origin: string): boolean {
  if (!URL.canParse(facebook) || !URL.canParse(origin)) return false;
  const site = new URL(facebook);
  const from = new URL(origin);
  const host = site.host.replace(/^www\./, "");
  return from.protocol === site.protocol && (from.host === host || from.host.endsWith(`.${host}`));
}

/** What a message of the window says; `null` when it is about something else. */
export function readMessage(data: unknown): Ending | null {
  const message = parsed(data);
  if (message?.type !== "WA_EMBEDDED_SIGNUP") return null;
  const about = isRecord(message.data) ? message.data : {};
  const event = text(message.event);
  if (event !== null && FINISHED.includes(event)) {
    const waba = text(about.waba_id);
    const number = text(about.phone_number_id);
    const chosen = {
      ...(waba !== null && { waba_id: waba }),
      ...(number !== null && { phone_number_id: number }),
      coexistence: event === "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING",
    };
    return { how: "finished", chosen };
  }
  if (event !== "CANCEL") return null;
  const words = text(about.error_message);
  if (words === null) return { how: "left", step: text(about.current_step) };
  return { how: "error", words, id: text(about.error_id) ?? text(about.error_code) };
}

function parsed(data: unknown): Record<string, unknown> | null {
  try {
    const value: unknown = typeof data === "string" ? JSON.parse(data) : data;
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function text(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value.slice(0, WORDS_MAX) : null;
}

/** What came so far of one opening of the window. */
export interface Gathered {
  ending: Ending | null;
  /** `null`: the SDK called back without one. Absent: it has not called back. */
  code?: string | null;
}

export type Verdict =
  | { is: "open" }
  /** All is there but what the other way may still bring: to be looked at again in a moment. */
  | { is: "wait" }
  | { is: "ready"; body: FinishEmbeddedSignup }
  | { is: "over"; ending: Exclude<Ending, { how: "finished" }> | { how: "closed" } };

/** What is to be done. `late` once the other piece has been waited for. */
export function judge({ ending, code }: Gathered, late: boolean): Verdict {
  if (code === undefined) return { is: "open" };
  if (code === null) {
    if (ending !== null && ending.how !== "finished") return { is: "over", ending };
    return late ? { is: "over", ending: { how: "closed" } } : { is: "wait" };
  }
  if (ending?.how === "finished") return { is: "ready", body: { code, ...ending.chosen } };
  // The server can find out by itself what was granted.
  return late ? { is: "ready", body: { code } } : { is: "wait" };
}
