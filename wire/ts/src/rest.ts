// REST under /api/v1: problems become errors, and an upload tells how far it is.

import type { Attachment, Code, Problem } from "./generated.ts";

export type Query = Record<string, string | number | boolean | null | undefined>;

/** A page of a list. (`Page` is the page a visitor is on.) */
export interface Paged<T> {
  items: T[];
  /** The `cursor` of the page after this one. */
  next: string | null;
}

/** The server said no, or could not be reached (status 0). The message is for people. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: Code;
  readonly field: string | null;
  readonly retryAfter: number | null;

  constructor(problem: Pick<Problem, "status" | "code" | "detail"> & Partial<Problem>) {
    super(problem.detail);
    this.name = "ProblemError";
    this.status = problem.status;
    this.code = problem.code;
    this.field = problem.field ?? null;
    this.retryAfter = problem.retry_after ?? null;
  }
}

export interface RestOptions {
  /** "" for the page's own origin, or such as `https://chat.example`. */
  base: string;
  /** Without it the session cookie speaks. */
  token?: () => string | null;
}

export interface CallOptions {
  query?: Query;
  signal?: AbortSignal;
  /** Makes a repetition of a POST harmless. */
  idempotencyKey?: string;
}

export interface UploadOptions {
  name?: string;
  /** From 0 to 1. */
  onProgress?(part: number): void;
  signal?: AbortSignal;
}

export interface Rest {
  get<T>(path: string, options?: CallOptions): Promise<T>;
  post<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  put<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  patch<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  delete<T>(path: string, options?: CallOptions): Promise<T>;
  upload(file: Blob, options?: UploadOptions): Promise<Attachment>;
}

/** `fetch` and `XMLHttpRequest` are looked up at each call. */
export function createRest(options: RestOptions): Rest {
  const call = <T>(method: string, path: string, body: unknown, how: CallOptions = {}) =>
    perform<T>(options, method, path, body, how);
  return {
    get: (path, how) => call("GET", path, undefined, how),
    post: (path, body, how) => call("POST", path, body, how),
    put: (path, body, how) => call("PUT", path, body, how),
    patch: (path, body, how) => call("PATCH", path, body, how),
    delete: (path, how) => call("DELETE", path, undefined, how),
    upload: (file, how = {}) => upload(options, file, how),
  };
}

async function perform<T>(
  options: RestOptions,
  method: string,
  path: string,
  body: unknown,
  { query, signal, idempotencyKey }: CallOptions,
): Promise<T> {
  const headers = authorization(options);
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
    response = await fetch(address(options, path, query), request);
    text = await response.text();
  } catch (error) {
    throw signal?.aborted ? error : unreachable();
  }
  return understood<T>(response.status, text);
}

function upload(options: RestOptions, file: Blob, how: UploadOptions): Promise<Attachment> {
  const { name, onProgress, signal } = how;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted());
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open("POST", address(options, "/attachments"));
    const headers = authorization(options);
    for (const header in headers) request.setRequestHeader(header, headers[header] ?? "");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total) onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      try {
        resolve(understood<Attachment>(request.status, request.responseText));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(aborted());
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort);
    const form = new FormData();
    form.append("file", file, name ?? (file instanceof File ? file.name : "file"));
    request.send(form);
  });
}

function address({ base }: RestOptions, path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const key in query) {
    const value = query[key];
    if (value !== null && value !== undefined) search.set(key, String(value));
  }
  const asked = search.toString();
  return `${base.replace(/\/$/, "")}/api/v1${path}${asked && `?${asked}`}`;
}

function authorization({ token }: RestOptions): Record<string, string> {
  const secret = token?.();
  return secret ? { authorization: `Bearer ${secret}` } : {};
}

function understood<T>(status: number, text: string): T {
  let body: unknown;
  try {
    body = text ? JSON.parse(text) : undefined;
  } catch {
    body = null; // a proxy's page
  }
  if (status >= 200 && status < 300 && body !== null) return body as T;
  const { code, detail } = (body ?? {}) as Partial<Problem>;
  if (code && detail) throw new ProblemError({ ...(body as Problem), status });
  throw new ProblemError({
    status,
    code: status < 500 && status >= 400 ? "refused" : "unavailable",
    detail: "The server gave no usable answer. Try again in a moment.",
  });
}

function unreachable(): ProblemError {
  const detail = "The server cannot be reached. Check your connection and try again.";
  return new ProblemError({ status: 0, code: "unavailable", detail });
}

function aborted(): DOMException {
  return new DOMException("Cancelled", "AbortError");
}
