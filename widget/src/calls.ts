/** Calls of the JavaScript API that came before the app: kept as what they amount to. */

import type { BootOptions, Identity, Wishes } from "./contract.ts";

export type Call =
  | ["boot", (BootOptions | undefined)?]
  | ["open"]
  | ["close"]
  | ["identify", Identity]
  | ["setLocale", string];

export const noWishes = (): Wishes => ({ open: false, locale: null, identity: null });

/** The later call has the last word; `boot` without options takes nothing back. */
export function wish(wishes: Wishes, call: Call): Wishes {
  switch (call[0]) {
    case "boot":
      return {
        ...wishes,
        locale: call[1]?.locale ?? wishes.locale,
        identity: call[1]?.identity ?? wishes.identity,
      };
    case "open":
      return { ...wishes, open: true };
    case "close":
      return { ...wishes, open: false };
    case "identify":
      return { ...wishes, identity: call[1] };
    case "setLocale":
      return { ...wishes, locale: call[1] };
  }
}
