// One call of REST under /api/v1: how it is addressed, and what its answer means.

import type { Code, Problem } from "./generated.ts";

export type Query = Record<string, string | number | boolean | null | undefined>;

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

/** Where a call goes, and the headers that say for whom. */
export function addressed(
  { base, token }: RestOptions,
  path: string,
  query: Query = {},
): { url: string; headers: Record<string, string> } {
  const search = new URLSearchParams();
  for (const key in query) {
    const value = query[key];
    if (value !== null && value !== undefined) search.set(key, String(value));
  }
  const asked = search.toString();
  const secret = token?.();
  return {
    url: `${base.replace(/\/$/, "")}/api/v1${path}${asked && `?${asked}`}`,
    headers: secret ? { authorization: `Bearer ${secret}` } : {},
  };
}

/** What an answer holds, or the problem that it is. Status 0: the server was not reached. */
export function understood<T>(status: number, text: string): T {
  if (!status) {
    const detail = "The server cannot be reached. Check your connection and try again.";
    throw new ProblemError({ status, code: "unavailable", detail });
  }
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
