/** The truth about the connection, and silence while there is nothing to tell. */

import type { VNode } from "preact";
import type { Model } from "./model.ts";
import { useSeconds } from "./parts.tsx";

/** A shorter break is not worth a word. */
const PATIENCE_MS = 2500;

/** Words, and whether trying again by hand makes sense. */
export function status(model: Model, now: number, network: boolean): [string, boolean] | null {
  const { say, chat, trouble } = model;
  if (trouble && !trouble.passing) return [say("unavailable"), true];
  if (!network) return [say("offline"), false];
  if (trouble) return [say("unreachable"), true];
  const state = chat?.client.state;
  if (state?.kind === "stopped") return [say("unavailable"), true];
  if (state?.kind === "offline") {
    const seconds = Math.max(1, Math.ceil((state.retryAt - now) / 1000));
    return [say("lost", { when: say.soon(seconds) }), true];
  }
  if (state?.kind === "connecting" && now - state.since > PATIENCE_MS)
    return [say("connecting"), false];
  return null;
}

export function Banner({ model }: { model: Model }): VNode | null {
  const { chat, say, trouble } = model;
  const live = chat?.client.state.kind === "live" && !trouble;
  useSeconds(model.open && !live);
  const told = live ? null : status(model, Date.now(), navigator.onLine);
  const fragile = !live && chat?.client.outbox.entries.some((entry) => !entry.saved);
  return (
    <div role="status">
      {told && (
        <div class="banner">
          <span>
            {told[0]} {fragile && say("fragile")}
          </span>
          {told[1] && (
            <button type="button" onClick={() => model.retry()}>
              {say("retry-now")}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
