// Carries one file to the server and tells how far it is, which `fetch` cannot.

import { addressed, type RestOptions, understood } from "./exchange.ts";
import type { Attachment } from "./generated.ts";

export interface UploadOptions {
  name?: string;
  /** From 0 to 1. */
  onProgress?(part: number): void;
  signal?: AbortSignal;
}

/** `XMLHttpRequest` is looked up at each call. */
export function upload(
  options: RestOptions,
  file: Blob,
  how: UploadOptions = {},
): Promise<Attachment> {
  const { name, onProgress, signal } = how;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted());
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const { url, headers } = addressed(options, "/attachments");
    request.open("POST", url);
    for (const header in headers) request.setRequestHeader(header, headers[header] ?? "");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total) onProgress?.(event.loaded / event.total);
    };
    const answered = (status: number, text: string) => {
      try {
        resolve(understood<Attachment>(status, text));
      } catch (error) {
        reject(error);
      }
    };
    request.onload = () => answered(request.status, request.responseText);
    request.onerror = () => answered(0, "");
    request.onabort = () => reject(aborted());
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort);
    const form = new FormData();
    form.append("file", file, name ?? (file instanceof File ? file.name : "file"));
    request.send(form);
  });
}

function aborted(): DOMException {
  return new DOMException("Cancelled", "AbortError");
}
