/** localStorage that never throws: where it is refused, things are kept for the visit only. */

const fallback = new Map<string, string>();

export function load<T>(key: string): T | null {
  try {
    const text = localStorage.getItem(key) ?? fallback.get(key) ?? null;
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

export function save(key: string, value: unknown): void {
  const text = JSON.stringify(value);
  try {
    localStorage.setItem(key, text);
    fallback.delete(key);
  } catch {
    fallback.set(key, text);
  }
}

export function drop(key: string): void {
  fallback.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // It was not to be had; then it is not there either.
  }
}

export function keys(prefix: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [...fallback.keys()].filter((key) => key.startsWith(prefix));
  }
}
