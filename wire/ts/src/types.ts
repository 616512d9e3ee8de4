// The two dialects of the protocol side by side, so that one client speaks both.

import type {
  AgentCommand,
  AgentFrame,
  AgentHello,
  Code,
  Done,
  Seq,
  VisitorCommand,
  VisitorFrame,
  VisitorHello,
} from "./generated.ts";

export interface Dialects {
  agent: { hello: AgentHello; command: AgentCommand; frame: AgentFrame };
  visitor: { hello: VisitorHello; command: VisitorCommand; frame: VisitorFrame };
}

export type Mode = keyof Dialects;
export type HelloOf<M extends Mode> = Dialects[M]["hello"];
export type CommandOf<M extends Mode> = Dialects[M]["command"];

/** The frames of one or several types that a client of this mode receives. */
export type FrameOf<M extends Mode, T extends string> = Extract<Dialects[M]["frame"], { type: T }>;

type Ephemeral = "typing" | "watch" | "set_presence" | "visit";

/** What may be lost with the connection. */
export type EphemeralOf<M extends Mode> = Extract<CommandOf<M>, { type: Ephemeral }>;
/** What is answered and sent until it is. */
export type RequestOf<M extends Mode> = Exclude<CommandOf<M>, { type: Ephemeral | "post" }>;

type PostOf<M extends Mode> = Extract<CommandOf<M>, { type: "post" }>;

/** A message before it is posted. `ref` is made where it is absent. */
export type DraftOf<M extends Mode> = M extends Mode
  ? Omit<PostOf<M>, "type" | "ref"> & { ref?: string }
  : never;

/** Where a client is in the events of its workspace. */
export interface Cursor {
  epoch: string;
  after: Seq;
}

/** The server, or this client in its place, said no for good. The message is for people. */
export class Refused extends Error {
  readonly code: Code;
  readonly retryAfter: number | null;

  constructor(code: Code, message: string, retryAfter: number | null = null) {
    super(message);
    this.name = "Refused";
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** A message of ours is durable. */
export interface Sent {
  ref: string;
  done: Done;
}
