/** A file's signed address, which expires: when it no longer works, a new one is asked for. */
import type { Attachment, Rest } from "@switchboard/wire";

export class FreshUrl {
  attachment = $state.raw<Attachment>() as Attachment;
  /** Whether a new address did not help either. */
  broken = $state(false);
  #renewed = false;
  readonly #rest: Rest;

  constructor(attachment: Attachment, rest: Rest) {
    this.attachment = attachment;
    this.#rest = rest;
  }

  /** Call it when loading failed. */
  async renew(): Promise<void> {
    if (this.#renewed) {
      this.broken = true;
      return;
    }
    this.#renewed = true;
    try {
      this.attachment = await this.#rest.get<Attachment>(`/attachments/${this.attachment.id}`);
    } catch {
      this.broken = true;
    }
  }
}
