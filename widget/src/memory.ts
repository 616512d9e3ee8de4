/** What the loader reads and clears of the visitor's `localStorage`; the app fills it. */

export const prefixOf = (key: string) => `sb:${key}:`;

/** Whether someone who has a conversation is back. */
export function returning(key: string): boolean {
  try {
    const kept = (name: string) => localStorage.getItem(prefixOf(key) + name);
    return !!(kept("token") && kept("talked"));
  } catch {
    return false;
  }
}

/** Forgets the visitor. What an identified one has not sent yet stays, for when they are back;
    nobody can come back as an anonymous one. */
export function forget(key: string): void {
  try {
    const prefix = prefixOf(key);
    const identified = localStorage.getItem(`${prefix}user`);
    for (const name of Object.keys(localStorage)) {
      const rest = name.startsWith(prefix) ? name.slice(prefix.length) : "muted";
      if (rest !== "muted" && !(identified && rest.startsWith("outbox:"))) {
        localStorage.removeItem(name);
      }
    }
  } catch {
    // Without storage there is nothing to forget.
  }
}
