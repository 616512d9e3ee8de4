// Time, chance, the network and the page: all that the client takes from outside, so that a
// test can give it others.

/** What of a WebSocket is used. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

/** The network returned, the network went, or the page is looked at again. */
export type PageEvent = "online" | "offline" | "visible";

export interface Surroundings {
  /** Milliseconds since 1970. */
  now(): number;
  /** At least 0, below 1. */
  random(): number;
  connect(url: string): SocketLike;
  /** Calls once after this many milliseconds; the answer cancels. */
  after(ms: number, fn: () => void): () => void;
  /** The answer stops listening. */
  onPage(fn: (what: PageEvent) => void): () => void;
}

/** The browser as it is. */
export const browser: Surroundings = {
  now: () => Date.now(),
  random: () => Math.random(),
  connect: (url) => new WebSocket(url) as SocketLike,
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  onPage(fn) {
    const ears = new AbortController();
    const { signal } = ears;
    addEventListener("online", () => fn("online"), { signal });
    addEventListener("offline", () => fn("offline"), { signal });
    const looked = () => !document.hidden && fn("visible");
    document.addEventListener("visibilitychange", looked, { signal });
    return () => ears.abort();
  },
};

/** The address of a websocket beside a page: `https://…` becomes `wss://…`. */
export function socketUrl(base: string, path: string): string {
  return base.replace(/\/$/, "").replace(/^http/, "ws") + path;
}

/** A UUID, also where the page is not served securely. */
export function newRef(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, at) => {
    const set = at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte;
    return set.toString(16).padStart(2, "0");
  }).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
