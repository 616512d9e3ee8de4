/** Carries files to the server, with words for whatever goes wrong. */

import {
  ATTACHMENT_MAX_BYTES,
  ATTACHMENTS_PER_MESSAGE,
  type ProblemError,
  upload as send,
} from "@switchboard/wire";
import type { Upload } from "../app/composition.ts";
import type { Model } from "../app/model.ts";
import { sizeIn } from "./size.ts";

const limitOf = (model: Model) => model.config?.attachment_max_bytes ?? ATTACHMENT_MAX_BYTES;

export function attach(model: Model, files: readonly File[]): void {
  const { say, composition } = model;
  const limit = limitOf(model);
  const notices: string[] = [];
  for (const file of files) {
    const { name, size } = file;
    if (composition.uploads.length >= ATTACHMENTS_PER_MESSAGE) {
      notices.push(say("file-many", { count: ATTACHMENTS_PER_MESSAGE }));
      break;
    }
    if (size === 0) notices.push(say("file-empty", { name }));
    else if (size > limit) notices.push(say("file-large", { name, size: sizeIn(say.tag, limit) }));
    else carry(model, composition.add(file));
  }
  composition.tell(notices.join("\n") || null);
}

/** Sends a file again that did not arrive. */
export function retry(model: Model, upload: Upload): void {
  if (upload.file && upload.problem) carry(model, upload);
}

async function carry(model: Model, upload: Upload): Promise<void> {
  const { chat, composition } = model;
  const { cancel, file, name } = upload;
  if (!chat || !file) return;
  const { signal } = cancel;
  upload.problem = null;
  const onProgress = (part: number) => {
    upload.part = part;
    model.changed();
  };
  try {
    const server = { base: model.host.setup.base, token: () => chat.token };
    upload.row = await send(server, file, { name, signal, onProgress });
    upload.part = 1;
  } catch (error) {
    if (signal.aborted) return;
    upload.problem = explain(model, name, error as ProblemError);
  }
  composition.changed();
}

function explain(model: Model, name: string, { status, code, message }: ProblemError): string {
  const { say } = model;
  if (code === "too_large") {
    return say("file-large", { name, size: sizeIn(say.tag, limitOf(model)) });
  }
  if (code === "unsupported_media") return say("file-type", { name });
  const passing = !status || code === "unavailable" || code === "internal";
  return passing ? say("file-failed", { name }) : message;
}
