// REST under /api/v1, as methods. Who wants to load less takes the parts: `createCalls` and `upload`.

import { addressed, type Query, type RestOptions, understood } from "./exchange.ts";
import type { Attachment } from "./generated.ts";
import { type UploadOptions, upload } from "./upload.ts";

/** A page of a list. (`Page` is the page a visitor is on.) */
export interface Paged<T> {
  items: T[];
  /** The `cursor` of the page after this one. */
  next: string | null;
}

export interface CallOptions {
  query?: Query;
  signal?: AbortSignal;
  /** Makes a repetition of a POST harmless. */
  idempotencyKey?: string;
}

export interface Calls {
  get<T>(path: string, options?: CallOptions): Promise<T>;
  post<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  put<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  patch<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  delete<T>(path: string, options?: CallOptions): Promise<T>;
}

export interface Rest extends Calls {
  upload(file: Blob, options?: UploadOptions): Promise<Attachment>;
}

export function createRest(options: RestOptions): Rest {
  return {
    ...createCalls(options),
    upload: (file, how) => upload(options, file, how),
  };
}

/** `fetch` is looked up at each call. */
export function createCalls(options: RestOptions): Calls {
  const call = <T>(method: string, path: string, body: unknown, how: CallOptions = {}) =>
    perform<T>(options, method, path, body, how);
  return {
    get: (path, how) => call("GET", path, undefined, how),
    post: (path, body, how) => call("POST", path, body, how),
    put: (path, body, how) => call("PUT", path, body, how),
    patch: (path, body, how) => call("PATCH", path, body, how),
    delete: (path, how) => call("DELETE", path, undefined, how),
  };
}

async function perform<T>(
  options: RestOptions,
  method: string,
  path: string,
  body: unknown,
  { query, signal, idempotencyKey }: CallOptions,
): Promise<T> {
  const { url, headers } = addressed(options, path, query);
  if (body !== undefined) headers["content-type"] = "application/json";
  if (idempotencyKey) headers["idempotency-key"] = idempotencyKey;
  const request: RequestInit = {
    method,
    headers,
    credentials: options.token ? "omit" : "same-origin",
  };
  if (body !== undefined) request.body = JSON.stringify(body);
  if (signal) request.signal = signal;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, request);
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    return understood<T>(0, "");
  }
  return understood<T>(response.status, text);
}
