// A place for small texts that outlives the page where the browser allows it.

export interface Store {
  get(key: string): string | null;
  /** False: it is kept in memory only and will not outlive the page. */
  set(key: string, value: string): boolean;
  remove(key: string): void;
  keys(prefix: string): string[];
  /** Hears what other tabs do: the new value, or null for a removal. */
  watch?(fn: (key: string, value: string | null) => void): () => void;
}

/** Keeps as long as the page lives. */
export function memoryStore(): Store {
  const texts = new Map<string, string>();
  return {
    get: (key) => texts.get(key) ?? null,
    set(key, value) {
      texts.set(key, value);
      return false;
    },
    remove: (key) => void texts.delete(key),
    keys: (prefix) => [...texts.keys()].filter((key) => key.startsWith(prefix)),
  };
}

/** localStorage. It never throws: what the browser refuses to keep is kept in memory. */
export function localStore(): Store {
  let disk: Storage;
  try {
    disk = globalThis.localStorage;
    disk.getItem("");
  } catch {
    return memoryStore();
  }
  return diskStore(disk, memoryStore());
}

function diskStore(disk: Storage, memory: Store): Store {
  const attempt = <T>(action: () => T, otherwise: T): T => {
    try {
      return action();
    } catch {
      return otherwise;
    }
  };
  return {
    get: (key) => memory.get(key) ?? attempt(() => disk.getItem(key), null),
    set(key, value) {
      const kept = attempt(() => {
        disk.setItem(key, value);
        return true;
      }, false);
      if (kept) memory.remove(key);
      else memory.set(key, value);
      return kept;
    },
    remove(key) {
      memory.remove(key);
      attempt(() => disk.removeItem(key), undefined);
    },
    keys(prefix) {
      const found = new Set(memory.keys(prefix));
      attempt(() => {
        for (let at = 0; at < disk.length; at++) {
          const key = disk.key(at);
          if (key?.startsWith(prefix)) found.add(key);
        }
      }, undefined);
      return [...found];
    },
    watch(fn) {
      const heard = (event: StorageEvent) => {
        if (event.storageArea === disk && event.key !== null) fn(event.key, event.newValue);
      };
      addEventListener("storage", heard);
      return () => removeEventListener("storage", heard);
    },
  };
}
