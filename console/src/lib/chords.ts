/**
 * Keyboard shortcuts: single keys ("e"), keys with the command key ("mod+k") and sequences
 * ("g m"). Pure, so that what a key means can be tested.
 */

const SEQUENCE_WITHIN = 1_200;

const mac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

const CAPS: Record<string, string> = {
  mod: mac ? "⌘" : "Ctrl",
  shift: "Shift",
  enter: "↵",
  escape: "Esc",
  arrowdown: "↓",
  arrowup: "↑",
};

/** A shortcut as the caps of each of its steps. */
export function keycaps(keys: string): string[][] {
  return keys
    .split(" ")
    .map((step) => step.split("+").map((key) => CAPS[key] ?? key.toLocaleUpperCase()));
}

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

function stepOf(press: Press): string {
  const mod = press.ctrlKey || press.metaKey ? "mod+" : "";
  return mod + press.key.toLowerCase();
}

/** Follows key presses and says which of the known shortcuts they complete. */
export class Chords {
  #pending = "";
  #at = 0;

  press(press: Press, known: readonly string[], now: number): string | null {
    if (press.altKey) return null;
    const step = stepOf(press);
    const begun = now - this.#at < SEQUENCE_WITHIN ? this.#pending : "";
    this.#pending = "";
    const whole = begun ? `${begun} ${step}` : step;
    if (known.includes(whole)) return whole;
    if (known.some((keys) => keys.startsWith(`${whole} `))) {
      this.#pending = whole;
      this.#at = now;
      return null;
    }
    return begun && known.includes(step) ? step : null;
  }
}
