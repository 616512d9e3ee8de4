/** The real server in a process and a folder of its own, with its own private Postgres. */

import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const READY_MS = 60_000;
const LEAVE_MS = 30_000;

/** A test founds workspaces faster than anybody at one address should. */
const SETTINGS = `
[limits]
sign_up = { burst = 1000, per_minute = 1000 }
sign_in_address = { burst = 1000, per_minute = 1000 }
`;

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

export class Server {
  readonly base: string;
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | null = null;
  readonly #onExit = () => this.#child?.kill("SIGTERM");

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    // Browsers count localhost as secure, so that the session's cookie is kept.
    this.base = `http://localhost:${port}`;
    process.on("exit", this.#onExit);
  }

  /** Starts the demo in an empty folder. */
  static async start(): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), "switchboard-browser-"));
    chmodSync(folder, 0o755); // when run as root, Postgres runs as somebody else
    writeFileSync(join(folder, "settings.toml"), SETTINGS);
    const server = new Server(folder, await freePort());
    await server.up();
    return server;
  }

  get #log(): string {
    return join(this.#folder, "server.log");
  }

  /** Starts it, again if need be, on the same port, and waits until it is ready. */
  async up(): Promise<void> {
    const program = process.env.SWITCHBOARD_BIN ?? join(ROOT, "target/debug/switchboard");
    if (!existsSync(program)) throw new Error(`${program} is not there; run cargo build`);
    const log = openSync(this.#log, "a");
    const child = spawn(program, ["demo"], {
      cwd: ROOT,
      env: {
        ...process.env,
        DATABASE_URL: undefined,
        SWITCHBOARD_CONFIG: join(this.#folder, "settings.toml"),
        SWITCHBOARD_DATA: join(this.#folder, "data"),
        SWITCHBOARD_LISTEN: `127.0.0.1:${this.#port}`,
        SWITCHBOARD_PUBLIC_URL: this.base,
      },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.#child = child;
    const end = Date.now() + READY_MS;
    while (!(await this.#ready())) {
      if (child.exitCode !== null || Date.now() > end) {
        throw new Error(`the server did not start:\n${readFileSync(this.#log, "utf8")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #ready(): Promise<boolean> {
    return fetch(`${this.base}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
  }

  /** Sends the signal and waits until the process is gone. */
  async down(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), LEAVE_MS);
    await gone;
    clearTimeout(late);
  }

  /** The demo's login, as the server made it. */
  get login(): { email: string; password: string } {
    const secrets = readFileSync(join(this.#folder, "data/demo-secrets.toml"), "utf8");
    const password = /^password = "(.+)"$/m.exec(secrets)?.[1] ?? "";
    return { email: "ana@kiln.example", password };
  }

  async remove(): Promise<void> {
    await this.down("SIGTERM");
    process.off("exit", this.#onExit);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
