/**
 * What the page, the loader and the app agree on. The loader is on every page of the shop; the
 * app arrives with the first sign that a visitor wants to talk.
 */

/** What the server puts in front of the loader, as `self.__switchboard = {…}`. */
export interface Setup {
  /** The workspace's public key, `wk_…`. */
  key: string;
  /** Where the server is, without a slash at the end: `https://chat.example`. */
  base: string;
  look: LauncherLook;
  /** The absolute URL of the app's module, with the hash of its content. */
  app: string;
}

export interface LauncherLook {
  /** `#rrggbb` */
  color: string;
  position: "start" | "end";
  theme: "auto" | "light" | "dark";
}

/** A visitor whom the page's own server vouches for. */
export interface Identity {
  userId: string;
  /** HMAC-SHA256 of `userId` under the workspace's identity secret, in hex. */
  hash: string;
  name?: string;
  email?: string;
  phone?: string;
}

export interface BootOptions {
  /** BCP 47; default: the browser's. */
  locale?: string;
  identity?: Identity;
  /** False: draw no button; the page calls `open()` from its own. */
  launcher?: boolean;
}

/** What `on` tells, and with what. */
export interface Happenings {
  ready: Record<string, never>;
  open: Record<string, never>;
  close: Record<string, never>;
  unread: { count: number };
  message: { id: string; text: string; author: string; at: string };
  sent: { ref: string; id: string | null };
  error: { code: string; message: string };
}

export type Happening = keyof Happenings;

export type Emit = <K extends Happening>(what: K, detail: Happenings[K]) => void;

/** What was asked of the app before it was there. */
export interface Wishes {
  open: boolean;
  locale: string | null;
  identity: Identity | null;
}

/** What the loader lends to the app. */
export interface Host {
  setup: Setup;
  /** The app draws itself in here, beside the launcher. */
  root: ShadowRoot;
  /** Adds a style sheet to it, without `<style>` where that is possible: pages forbid it. */
  adopt(css: string): void;
  emit: Emit;
  /** Keeps the launcher's face in step: its label, whether the panel is open, its badge. */
  face(label: string, open: boolean, unread: number): void;
  focus(): void;
}

/** The running app. */
export interface App {
  open(): void;
  close(): void;
  identify(identity: Identity): void;
  setLocale(locale: string): void;
  stop(): void;
}

/** The module behind `Setup.app`. */
export interface AppModule {
  start(host: Host, wishes: Wishes): App;
}
