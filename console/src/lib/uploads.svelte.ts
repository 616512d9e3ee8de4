/** Files on their way to the server, for one composer. */
import {
  ATTACHMENT_MAX_BYTES,
  ATTACHMENTS_PER_MESSAGE,
  type Attachment,
  type Rest,
} from "@switchboard/wire";
import { fileSize } from "./format.ts";
import { t } from "./messages.ts";
import { wordsOf } from "./problem.ts";

export class Upload {
  readonly key = crypto.randomUUID();
  readonly name: string;
  readonly size: number;
  readonly file: File | null;
  /** From 0 to 1. */
  part = $state(0);
  problem = $state<string | null>(null);
  done = $state.raw<Attachment | null>(null);
  readonly abort = new AbortController();

  constructor(file: File | Attachment) {
    this.name = file.name;
    this.size = file.size;
    this.file = file instanceof File ? file : null;
    if (!(file instanceof File)) this.done = file;
  }
}

export class Uploads {
  all = $state.raw<readonly Upload[]>([]);
  readonly busy = $derived(this.all.some((upload) => !upload.done && !upload.problem));
  readonly attachments = $derived(
    this.all.map((upload) => upload.done).filter((done) => done !== null),
  );
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** Starts with what a draft already carries. */
  restore(attachments: readonly Attachment[]): void {
    this.clear();
    this.all = attachments.map((attachment) => new Upload(attachment));
  }

  /** Begins to send the files. Answers what is wrong with some of them, if anything is. */
  add(files: Iterable<File>): string | null {
    let complaint: string | null = null;
    for (const file of files) {
      if (this.all.length >= ATTACHMENTS_PER_MESSAGE) {
        return t("upload-too-many", { count: ATTACHMENTS_PER_MESSAGE });
      }
      if (file.size > ATTACHMENT_MAX_BYTES) {
        complaint = t("upload-too-large", {
          name: file.name,
          limit: fileSize(ATTACHMENT_MAX_BYTES),
        });
        continue;
      }
      const upload = new Upload(file);
      this.all = [...this.all, upload];
      void this.#send(upload);
    }
    return complaint;
  }

  retry(upload: Upload): void {
    upload.problem = null;
    upload.part = 0;
    void this.#send(upload);
  }

  remove(upload: Upload): void {
    upload.abort.abort();
    this.all = this.all.filter((other) => other !== upload);
  }

  /** Drops what has not arrived; what has is the draft's. */
  clear(): void {
    for (const upload of this.all) if (!upload.done) upload.abort.abort();
    this.all = [];
  }

  async #send(upload: Upload): Promise<void> {
    if (!upload.file) return;
    try {
      upload.done = await this.#rest.upload(upload.file, {
        name: upload.name,
        signal: upload.abort.signal,
        onProgress: (part) => {
          upload.part = part;
        },
      });
    } catch (error) {
      if (!upload.abort.signal.aborted) upload.problem = wordsOf(error);
    }
  }
}
