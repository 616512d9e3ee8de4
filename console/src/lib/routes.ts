/** Which address shows what. Pure: text in, value out, and back. */

import type { Channel } from "@switchboard/wire";
import { CHANNELS } from "./channels.ts";

export const BASE = "/console";

export type FolderKey = "mine" | "unassigned" | "open" | "pending" | "snoozed" | "resolved";
/** A folder, everything that carries a label, or what is open on a channel. */
export type ViewKey = FolderKey | `label:${string}` | `channel:${Channel}`;

export const FOLDERS: readonly FolderKey[] = [
  "mine",
  "unassigned",
  "open",
  "pending",
  "snoozed",
  "resolved",
];

export type Section =
  | "team"
  | "labels"
  | "widget"
  | "channels"
  | "templates"
  | "dead-letters"
  | "workspace"
  | "profile"
  | "tokens";

export const SECTIONS: readonly Section[] = [
  "profile",
  "tokens",
  "workspace",
  "team",
  "labels",
  "widget",
  "channels",
  "templates",
  "dead-letters",
];

export type Route =
  | { name: "sign-in" }
  | { name: "sign-up" }
  | { name: "invite"; token: string }
  | { name: "reset"; token: string }
  | { name: "inbox"; view: ViewKey; conversation: string | null; at: number | null }
  | { name: "search"; q: string; conversation: string | null; at: number | null }
  | { name: "settings"; section: Section | null };

const HOME: Route = { name: "inbox", view: "open", conversation: null, at: null };

function viewOf(folder: string | undefined, rest: string[]): { view: ViewKey; rest: string[] } {
  const channel = CHANNELS.find((key) => folder === "channel" && key === rest[0]);
  if (channel) return { view: `channel:${channel}`, rest: rest.slice(1) };
  if (folder === "label" && rest[0]) return { view: `label:${rest[0]}`, rest: rest.slice(1) };
  const known = FOLDERS.find((key) => key === folder);
  return { view: known ?? "open", rest };
}

function conversationOf(part: string | undefined): string | null {
  return part?.startsWith("cnv_") ? part : null;
}

/** What the address `path?query` shows; what is unknown shows the inbox. */
export function parse(path: string, query: string): Route {
  const [first, second, ...rest] = path
    .replace(/^\/console/, "")
    .split("/")
    .filter(Boolean)
    .map(decodeURIComponent);
  const params = new URLSearchParams(query);
  const at = Number.parseInt(params.get("at") ?? "", 10) || null;
  switch (first) {
    case "sign-in":
    case "sign-up":
      return { name: first };
    case "invite":
    case "reset":
      return second ? { name: first, token: second } : { name: "sign-in" };
    case "inbox": {
      const found = viewOf(second, rest);
      const conversation = conversationOf(found.rest[0]);
      return { name: "inbox", view: found.view, conversation, at };
    }
    case "search":
      return { name: "search", q: params.get("q") ?? "", conversation: conversationOf(second), at };
    case "settings":
      return { name: "settings", section: SECTIONS.find((key) => key === second) ?? null };
    default:
      return HOME;
  }
}

function withQuery(path: string, query: Record<string, string | number | null>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== "") params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

/** The address of a route. */
export function print(route: Route): string {
  switch (route.name) {
    case "sign-in":
    case "sign-up":
      return `${BASE}/${route.name}`;
    case "invite":
    case "reset":
      return `${BASE}/${route.name}/${encodeURIComponent(route.token)}`;
    case "inbox": {
      const view = route.view.replace(":", "/");
      const conversation = route.conversation ? `/${route.conversation}` : "";
      return withQuery(`${BASE}/inbox/${view}${conversation}`, { at: route.at });
    }
    case "search": {
      const conversation = route.conversation ? `/${route.conversation}` : "";
      return withQuery(`${BASE}/search${conversation}`, { q: route.q, at: route.at });
    }
    case "settings":
      return `${BASE}/settings${route.section ? `/${route.section}` : ""}`;
  }
}

export function isOpenToAnyone(route: Route): boolean {
  return ["sign-in", "sign-up", "invite", "reset"].includes(route.name);
}

export function folder(view: ViewKey): Route {
  return { name: "inbox", view, conversation: null, at: null };
}
