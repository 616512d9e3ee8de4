// Commands that are waiting for their answer. Each keeps its id until then, over any number of
// connections. Two that concern the same thing go one after the other, because `on` and `off`
// must not change places when one of them has to be repeated.

import type { Done } from "./generated.ts";
import { Refused } from "./types.ts";

/** More unanswered commands than this are refused. */
const MAX_WAITING = 200;
/** So many may be under way at once; a reconnect must not be a flood. */
const MAX_UNDER_WAY = 32;

interface Request<C> {
  id: number;
  command: C;
  underWay: boolean;
  notBefore: number;
  resolve(done: Done): void;
  reject(refused: Refused): void;
}

export class Requests<C extends { type: string; conversation?: unknown; message?: unknown }> {
  readonly #waiting = new Map<number, Request<C>>();

  add(id: number, command: C): Promise<Done> {
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(new Refused("refused", "Too much is waiting for the connection."));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { id, command, underWay: false, notBefore: 0, resolve, reject });
    });
  }

  /** What may go now, and when to look again. */
  due(now: number): { due: readonly Request<C>[]; next: number } {
    const due: Request<C>[] = [];
    const concerned = new Set<unknown>();
    let next = Number.POSITIVE_INFINITY;
    let underWay = 0;
    for (const request of this.#waiting.values()) if (request.underWay) underWay += 1;
    for (const request of this.#waiting.values()) {
      const { command } = request;
      const thing = command.message ?? command.conversation;
      if (concerned.has(thing)) continue;
      concerned.add(thing);
      if (request.underWay) continue;
      if (request.notBefore > now) next = Math.min(next, request.notBefore);
      else if (underWay + due.length < MAX_UNDER_WAY) due.push(request);
    }
    return { due, next };
  }

  sent(id: number): void {
    const request = this.#waiting.get(id);
    if (request) request.underWay = true;
  }

  done(id: number, done: Done): void {
    this.#take(id)?.resolve(done);
  }

  refuse(id: number, refused: Refused): void {
    this.#take(id)?.reject(refused);
  }

  hold(id: number, until: number): void {
    const request = this.#waiting.get(id);
    if (!request) return;
    request.underWay = false;
    request.notBefore = until;
  }

  /** The connection went; what was under way goes again. */
  lost(): void {
    for (const request of this.#waiting.values()) request.underWay = false;
  }

  refuseAll(refused: Refused): void {
    for (const id of [...this.#waiting.keys()]) this.refuse(id, refused);
  }

  #take(id: number): Request<C> | undefined {
    const request = this.#waiting.get(id);
    this.#waiting.delete(id);
    return request;
  }
}
