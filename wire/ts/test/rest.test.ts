import { afterEach, describe, expect, it, vi } from "vitest";
import { ProblemError } from "../src/exchange.ts";
import { createRest } from "../src/rest.ts";

afterEach(() => vi.unstubAllGlobals());

function answering(status: number, body: string) {
  const call = vi.fn(async (_url: string, _request: RequestInit) => ({
    status,
    text: async () => body,
  }));
  vi.stubGlobal("fetch", call);
  return call;
}

describe("a call", () => {
  it("says who, what and where", async () => {
    const call = answering(201, '{"id":"msg_1"}');
    const rest = createRest({ base: "https://chat.example/", token: () => "t1" });
    const query = { q: "a b&c", none: null, no: undefined, yes: true, limit: 5 };
    const got = await rest.post("/x", { text: "hi" }, { query, idempotencyKey: "r1" });
    expect(got).toEqual({ id: "msg_1" });
    const [url, request] = call.mock.calls[0]!;
    expect(url).toBe("https://chat.example/api/v1/x?q=a+b%26c&yes=true&limit=5");
    expect(request).toMatchObject({
      method: "POST",
      body: '{"text":"hi"}',
      credentials: "omit",
      headers: {
        authorization: "Bearer t1",
        "content-type": "application/json",
        "idempotency-key": "r1",
      },
    });
  });

  it("lets the cookie speak without a token, and takes 204 for nothing", async () => {
    const call = answering(204, "");
    expect(await createRest({ base: "" }).delete("/tokens/tok_1")).toBeUndefined();
    expect(call.mock.calls[0]).toEqual([
      "/api/v1/tokens/tok_1",
      { method: "DELETE", headers: {}, credentials: "same-origin" },
    ]);
  });

  it("turns a problem into an error with code, field and words", async () => {
    const problem = {
      status: 400,
      title: "Invalid request",
      code: "invalid",
      detail: "This is no e-mail address.",
      field: "email",
      retry_after: 3,
    };
    answering(400, JSON.stringify(problem));
    const error = await createRest({ base: "" })
      .post("/sign-in", {})
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      message: "This is no e-mail address.",
      status: 400,
      code: "invalid",
      field: "email",
      retryAfter: 3,
    });
  });

  it.each([
    [502, "<html>Bad gateway</html>", "unavailable"],
    [200, "<html>Log in to the hotel</html>", "unavailable"],
    [404, "", "refused"],
    [500, "7", "unavailable"],
  ])("makes words of %s %j", async (status, body, code) => {
    answering(status, body);
    await expect(createRest({ base: "" }).get("/me")).rejects.toMatchObject({ status, code });
  });

  it("tells an absent network from a cancelled call", async () => {
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("Failed to fetch")));
    const rest = createRest({ base: "" });
    await expect(rest.get("/me")).rejects.toMatchObject({ status: 0, code: "unavailable" });
    const cancelled = new AbortController();
    cancelled.abort();
    vi.stubGlobal("fetch", async () => Promise.reject(cancelled.signal.reason));
    await expect(rest.get("/me", { signal: cancelled.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});

class FakeRequest {
  static last: FakeRequest;
  upload: { onprogress: ((event: object) => void) | null } = { onprogress: null };
  status = 0;
  responseText = "";
  onload = () => {};
  onerror = () => {};
  onabort = () => {};
  onloadend = () => {};
  opened: string[] = [];
  headers: Record<string, string> = {};
  body: FormData | null = null;

  constructor() {
    FakeRequest.last = this;
  }
  open(...what: string[]) {
    this.opened = what;
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  send(body: FormData) {
    this.body = body;
  }
  abort() {
    this.onabort();
    this.onloadend();
  }
  answer(status: number, text: string) {
    Object.assign(this, { status, responseText: text });
    this.onload();
    this.onloadend();
  }
}

describe("an upload", () => {
  const file = new File(["abc"], "a.txt", { type: "text/plain" });
  const start = (options = {}) => {
    vi.stubGlobal("XMLHttpRequest", FakeRequest);
    const rest = createRest({ base: "https://chat.example", token: () => "t1" });
    const done = rest.upload(file, options);
    return { done, request: FakeRequest.last };
  };

  it("sends one part and tells how far it is", async () => {
    const parts: number[] = [];
    const { done, request } = start({ onProgress: (part: number) => parts.push(part) });
    expect(request.opened).toEqual(["POST", "https://chat.example/api/v1/attachments"]);
    expect(request.headers).toEqual({ authorization: "Bearer t1" });
    expect(request.body?.get("file")).toMatchObject({ name: "a.txt", size: 3 });
    request.upload.onprogress?.({ lengthComputable: true, loaded: 1, total: 4 });
    request.upload.onprogress?.({ lengthComputable: false, loaded: 1, total: 0 });
    request.answer(201, '{"id":"att_1"}');
    expect(await done).toEqual({ id: "att_1" });
    expect(parts).toEqual([0.25]);
  });

  it("fails with the server's words, or says that there is no network", async () => {
    const tooLarge = start();
    tooLarge.request.answer(413, '{"status":413,"code":"too_large","detail":"Over 25 MB."}');
    await expect(tooLarge.done).rejects.toMatchObject({ code: "too_large" });
    const offline = start();
    offline.request.onerror();
    await expect(offline.done).rejects.toMatchObject({ status: 0, code: "unavailable" });
  });

  it("can be cancelled, before and while", async () => {
    const control = new AbortController();
    const { done } = start({ signal: control.signal });
    control.abort();
    await expect(done).rejects.toMatchObject({ name: "AbortError" });
    await expect(start({ signal: control.signal }).done).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});
