/** The commands that are there on every page. */
import type { Command } from "./commands.svelte.ts";
import { prefs, setPref, type Theme } from "./prefs.svelte.ts";
import { router } from "./router.svelte.ts";
import { type FolderKey, folder } from "./routes.ts";
import { FOLDER_ICONS } from "./views.ts";

const GO: readonly [FolderKey, string][] = [
  ["mine", "g m"],
  ["unassigned", "g u"],
  ["open", "g o"],
  ["pending", "g p"],
  ["snoozed", "g z"],
  ["resolved", "g r"],
];

const THEMES: readonly Theme[] = ["system", "light", "dark"];

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
}

interface Openers {
  help: () => void;
  palette: () => void;
}

export function generalCommands({ help, palette }: Openers): Command[] {
  return [
    ...GO.map(
      ([view, keys]): Command => ({
        id: `go-${view}`,
        group: "go",
        keys,
        icon: FOLDER_ICONS[view],
        run: () => router.go(folder(view)),
      }),
    ),
    {
      id: "search",
      group: "go",
      keys: "/",
      also: ["g /"],
      icon: "search",
      run: () => {
        const box = document.querySelector<HTMLElement>("[data-search-input]");
        if (box) box.focus();
        else router.go({ name: "search", q: "", conversation: null, at: null });
      },
    },
    {
      id: "settings",
      group: "go",
      keys: "g s",
      icon: "settings",
      run: () => router.go({ name: "settings", section: "profile" }),
    },
    {
      id: "team",
      group: "go",
      keys: "g t",
      icon: "users",
      run: () => router.go({ name: "settings", section: "team" }),
    },
    {
      id: "theme",
      group: "general",
      icon: "moon",
      run: () => setPref("theme", nextTheme(prefs.theme)),
    },
    {
      id: "palette",
      group: "general",
      keys: "mod+k",
      icon: "command",
      keyOnly: true,
      run: palette,
    },
    { id: "help", group: "general", keys: "?", icon: "keyboard", run: help },
  ];
}
