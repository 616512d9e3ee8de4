/**
 * The only code that every page of the shop pays for. It puts the launcher on the page and
 * answers the JavaScript API; the app, the socket and the first request wait for a visitor's
 * intent.
 */

import type { Early, Switchboard } from "./api.ts";
import { type Call, noWishes, wish } from "./calls.ts";
import type { App, AppModule, Emit, Happening, Host, Setup } from "./contract.ts";
import { createLauncher, firstLabel } from "./launcher.ts";
import { forget, returning } from "./memory.ts";

function widget(setup: Setup): Switchboard {
  const ears: { [K in Happening]?: Set<(detail: never) => void> } = {};
  const emit: Emit = (what, detail) => {
    for (const fn of ears[what] ?? []) {
      try {
        fn(detail as never);
      } catch (error) {
        console.error(error);
      }
    }
  };

  const { box, root, button, adopt, face } = createLauncher(setup.look);
  let app: App | null = null;
  let loading: Promise<AppModule> | null = null;
  let failures = 0;
  let life = 0;
  let alive = true;
  let wishes = noWishes();

  const host: Host = {
    setup,
    root,
    adopt,
    emit,
    face,
    focus: () => button.focus(),
  };

  /** Fetches the app's code and nothing else. */
  function load(): Promise<AppModule> {
    // Another address after a failure: some browsers remember that a module failed.
    loading ??= import(setup.app + (failures ? `?${failures}` : "")).catch((error) => {
      failures++;
      loading = null;
      throw error;
    });
    return loading as Promise<AppModule>;
  }

  async function run(): Promise<void> {
    const mine = life;
    button.setAttribute("aria-busy", "true");
    try {
      const module = await load();
      if (mine === life && alive) app ??= module.start(host, wishes);
    } catch {
      wishes = wish(wishes, ["close"]);
      emit("error", { code: "unavailable", message: "the chat could not be loaded" });
    }
    button.removeAttribute("aria-busy");
  }

  function draw(): void {
    face(firstLabel(wishes.locale), false, 0);
    document.body.append(box);
    if (returning(setup.key)) {
      const idle = self.requestIdleCallback ?? ((fn: () => void) => setTimeout(fn, 1500));
      const mine = life;
      idle(() => mine === life && run());
    }
  }

  function appear(): void {
    if (document.body) draw();
    else addEventListener("DOMContentLoaded", () => alive && draw(), { once: true });
  }

  function call(said: Call): void {
    if (!alive) {
      if (said[0] !== "boot" && said[0] !== "open") return;
      alive = true;
      appear();
    }
    wishes = wish(wishes, said);
    if (said[0] === "boot") {
      button.hidden = said[1]?.launcher === false;
      if (said[1]?.locale) app?.setLocale(said[1].locale);
      if (said[1]?.identity) app?.identify(said[1].identity);
    } else if (app) {
      (app[said[0]] as (value?: unknown) => void)(said[1]);
    } else if (said[0] === "open") {
      run();
    }
  }

  for (const sign of ["pointerenter", "focus"]) {
    button.addEventListener(sign, () => load().catch(() => {}));
  }
  button.onclick = () => call([button.getAttribute("aria-expanded") === "true" ? "close" : "open"]);
  appear();
  // Frameworks that swap the whole body take the widget with it: put it back.
  new MutationObserver(() => {
    if (alive && document.body && !box.isConnected) document.body.append(box);
  }).observe(document.documentElement, { childList: true });

  const api: Switchboard = {
    boot: (options) => call(["boot", options]),
    open: () => call(["open"]),
    close: () => call(["close"]),
    identify: (identity) => call(["identify", identity]),
    setLocale: (locale) => call(["setLocale", locale]),
    on(event, fn) {
      ears[event] ??= new Set();
      const set = ears[event] as Set<typeof fn>;
      set.add(fn);
      return () => set.delete(fn);
    },
    shutdown() {
      life++;
      alive = false;
      app?.stop();
      app = null;
      wishes = noWishes();
      box.remove();
      forget(setup.key);
    },
    push(...calls: Early[]) {
      for (const [name, ...values] of calls) {
        (api[name] as ((...values: unknown[]) => void) | undefined)?.(...values);
      }
    },
  };
  return api;
}

const early = self.Switchboard;
// A second script tag changes nothing.
if (self.__switchboard && (!early || Array.isArray(early))) {
  const api = widget(self.__switchboard);
  self.Switchboard = api;
  if (early) api.push(...early);
}
