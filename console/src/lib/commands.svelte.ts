/**
 * What can be done right now, by key, by palette or by reading the help sheet. Parts of the screen
 * bring their commands while they are shown.
 */
import { untrack } from "svelte";
import type { IconName } from "../ui/icons.ts";
import { Chords } from "./chords.ts";
import { t } from "./messages.ts";

export interface Command {
  /** Its words are the message `command-<id>`, unless `title` says otherwise. */
  id: string;
  group: "go" | "conversation" | "list" | "general";
  keys?: string;
  /** More keys that do the same and are not shown. */
  also?: readonly string[];
  icon?: IconName;
  title?: string;
  /** Left out of the palette: only of use as a key. */
  keyOnly?: boolean;
  run: () => void;
}

export function titleOf(command: Command): string {
  return command.title ?? t(`command-${command.id}`);
}

class Commands {
  #sets = $state.raw<readonly (readonly Command[])[]>([]);
  readonly #chords = new Chords();
  readonly all: readonly Command[] = $derived(this.#sets.flat());

  /** Adds commands; call what it answers to take them away again. */
  add(commands: readonly Command[]): () => void {
    // Whoever adds them from an effect must not be run again by what others add.
    untrack(() => {
      this.#sets = [...this.#sets, commands];
    });
    return () => {
      this.#sets = untrack(() => this.#sets).filter((set) => set !== commands);
    };
  }

  /** Runs what the key press means, unless the person is typing. */
  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const mod = event.ctrlKey || event.metaKey;
    if (!mod && isTyping(event.target)) return;
    if (event.key.startsWith("Arrow") && scrolls(event.target)) return;
    if (document.querySelector("[role=dialog],[role=alertdialog],[role=menu]")) return;
    const known = this.all.flatMap(keysOf);
    const keys = this.#chords.press(event, known, event.timeStamp);
    if (keys === null) return;
    const command = this.all.findLast((one) => keysOf(one).includes(keys));
    if (!command) return;
    event.preventDefault();
    command.run();
  }
}

function keysOf(command: Command): string[] {
  return [...(command.keys ? [command.keys] : []), ...(command.also ?? [])];
}

/** Arrows scroll the messages when those have the focus. */
function scrolls(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("[role=log]") !== null;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input, textarea, select");
}

export const commands = new Commands();
