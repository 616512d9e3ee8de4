/** `window.Switchboard`, as the page sees it. Meant to be copied by pages written in TypeScript. */

import type { Call } from "./calls.ts";
import type { BootOptions, Happening, Happenings, Identity } from "./contract.ts";

export interface Switchboard {
  /** Puts the widget (back) on the page. It starts by itself, so this is for options and after
      `shutdown`. */
  boot(options?: BootOptions): void;
  open(): void;
  close(): void;
  /** Says who the visitor is, vouched for by the page's own server. */
  identify(identity: Identity): void;
  /** BCP 47, such as `pt-BR`. */
  setLocale(locale: string): void;
  /** Calls `fn` at each `event`, until the returned function is called. */
  on<K extends Happening>(event: K, fn: (detail: Happenings[K]) => void): () => void;
  /** Takes the widget off the page and forgets the visitor on this device: for signing out. */
  shutdown(): void;
  /** One call as an array; what a page may use before the script has arrived. */
  push(...calls: Early[]): void;
}

export type Early =
  | Call
  | ["shutdown"]
  | { [K in Happening]: ["on", K, (detail: Happenings[K]) => void] }[Happening];

declare global {
  interface Window {
    Switchboard?: Switchboard | Early[];
    __switchboard?: import("./contract.ts").Setup;
  }
}
