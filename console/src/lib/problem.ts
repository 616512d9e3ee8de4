/** Turns whatever was thrown into words for a person. */
import { ProblemError, Refused } from "@switchboard/wire";
import { t } from "./messages.ts";

function sentence(text: string): string {
  const trimmed = text.trim();
  const begun = trimmed.charAt(0).toLocaleUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

export function wordsOf(error: unknown): string {
  if (error instanceof ProblemError) {
    if (error.status === 0) return t("error-network");
    if (error.code === "rate_limited" && error.retryAfter) {
      return t("error-rate", { seconds: Math.ceil(error.retryAfter) });
    }
    return error.message ? sentence(error.message) : t("error-unknown");
  }
  if (error instanceof Refused) return error.message ? sentence(error.message) : t("error-unknown");
  return t("error-unknown");
}

/** The field of a form that is at fault, if the server named one of `fields`. */
export function fieldOf(error: unknown, fields: readonly string[]): string | null {
  const field = error instanceof ProblemError ? error.field : null;
  return field !== null && fields.includes(field) ? field : null;
}

export function isCode(error: unknown, ...codes: string[]): boolean {
  return (error instanceof ProblemError || error instanceof Refused) && codes.includes(error.code);
}
