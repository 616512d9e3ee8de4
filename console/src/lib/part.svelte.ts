/**
 * A part of the console whose code comes later than the first view: ahead, when there is time,
 * or when it is first shown.
 *
 * It may not come: the network is away, or the server runs a newer console, which has other
 * files. Then the part says which, and can be asked for again.
 */

/** How long the first view has the line for itself, in ms, where the browser tells no idle time. */
const AFTER_FIRST_VIEW = 2_000;

/** Why a part is not there: try again, or only a reload brings it. */
export type Missing = "unreachable" | "outdated";

export class Part<T> {
  loaded = $state.raw<T | null>(null);
  missing = $state<Missing | null>(null);
  readonly #load: () => Promise<{ default: T }>;
  #underWay: Promise<void> | null = null;

  constructor(load: () => Promise<{ default: T }>) {
    this.#load = load;
  }

  /** Ends when the part is there or known to be missing; asks once at a time, and never fails. */
  fetch(): Promise<void> {
    if (this.loaded) return Promise.resolve();
    this.#underWay ??= this.#ask().finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #ask(): Promise<void> {
    try {
      await Promise.all([...unstyled].map(style));
      this.loaded = (await this.#load()).default;
      this.missing = null;
    } catch {
      this.missing = (await isOutdated()) ? "outdated" : "unreachable";
    }
  }
}

/** Whether the server hands out another console than the one that runs here. */
async function isOutdated(): Promise<boolean> {
  const mine = document.querySelector<HTMLScriptElement>("script[type=module][src]");
  if (!mine) return false;
  try {
    const page = await fetch(location.pathname, { cache: "no-cache" });
    return page.ok && !(await page.text()).includes(new URL(mine.src).pathname);
  } catch {
    return false;
  }
}

/** Fetches `parts` one by one when the browser is idle, so that they are there without a network. */
export function fetchAhead(parts: Iterable<Part<unknown>>): () => void {
  let wanted = true;
  const all = async () => {
    for (const part of parts) if (wanted) await part.fetch();
  };
  if (!("requestIdleCallback" in globalThis)) {
    const timer = setTimeout(all, AFTER_FIRST_VIEW);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }
  const idle = requestIdleCallback(all);
  return () => {
    wanted = false;
    cancelIdleCallback(idle);
  };
}

/** Addresses of stylesheets that could not be fetched. */
const unstyled = new Set<string>();

/**
 * Notes each stylesheet that cannot be fetched, so that `Part` fetches it again: whoever loads
 * modules does not, and the part would come without its looks.
 */
export function watchStyles(): void {
  const note = ({ target }: Event) => {
    if (!(target instanceof HTMLLinkElement) || target.rel !== "stylesheet") return;
    unstyled.add(target.href);
    target.remove();
  };
  document.addEventListener("error", note, { capture: true });
}

function style(href: string): Promise<void> {
  unstyled.delete(href);
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  return new Promise((resolve, reject) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => reject(new Error(`no stylesheet ${href}`)));
    document.head.append(link);
  });
}
