/** What is written and not sent: kept per visitor, so that it survives a reload and a swap. */

import type { Attachment, Store } from "@switchboard/wire";

export interface Draft {
  text: string;
  replyTo: string | null;
  /** Files that are already at the server. */
  files: Attachment[];
}

export const noDraft = (): Draft => ({ text: "", replyTo: null, files: [] });

const isEmpty = (draft: Draft) => !draft.text && !draft.replyTo && draft.files.length === 0;

/** Whatever storage holds, this is a draft. */
export function parseDraft(stored: string | null): Draft {
  try {
    const found = JSON.parse(stored ?? "null") as Partial<Draft> | null;
    return {
      text: typeof found?.text === "string" ? found.text : "",
      replyTo: typeof found?.replyTo === "string" ? found.replyTo : null,
      files: Array.isArray(found?.files)
        ? found.files.filter((file) => typeof file?.id === "string")
        : [],
    };
  } catch {
    return noDraft();
  }
}

export class Drafts {
  readonly #store: Store;
  readonly #prefix: string;

  constructor(store: Store, prefix: string) {
    this.#store = store;
    this.#prefix = `${prefix}draft:`;
  }

  load(visitor: string): Draft {
    return parseDraft(this.#store.get(this.#prefix + visitor));
  }

  save(visitor: string, draft: Draft): void {
    if (isEmpty(draft)) this.#store.remove(this.#prefix + visitor);
    else this.#store.set(this.#prefix + visitor, JSON.stringify(draft));
  }
}
