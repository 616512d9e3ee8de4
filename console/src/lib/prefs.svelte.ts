/** What a person chose for this browser: theme, sound, how to send. */
import { load, save } from "./storage.ts";

export type Theme = "system" | "light" | "dark";

interface Prefs {
  theme: Theme;
  sound: boolean;
  notifications: boolean;
  /** Enter sends; otherwise Ctrl+Enter does. */
  enterSends: boolean;
  contactPanel: boolean;
}

const DEFAULTS: Prefs = {
  theme: "system",
  sound: true,
  notifications: false,
  enterSends: true,
  contactPanel: true,
};

const KEY = "sb:prefs";

export const prefs: Prefs = $state({ ...DEFAULTS, ...load<Partial<Prefs>>(KEY) });

function dress(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
}

export function setPref<K extends keyof Prefs>(key: K, value: Prefs[K]): void {
  prefs[key] = value;
  save(KEY, $state.snapshot(prefs));
  if (key === "theme") dress(prefs.theme);
}

dress(prefs.theme);
