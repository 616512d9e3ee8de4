// All a widget shows, from a snapshot and what happened since.

import type { VisitorConversation, VisitorMessage, VisitorSnapshot } from "./generated.ts";
import { applyMessage, emptyThread, mergePage, type Thread } from "./rows.ts";
import type { FrameOf } from "./types.ts";

export interface VisitorState {
  readonly conversation: VisitorConversation | null;
  readonly thread: Thread<VisitorMessage>;
  /** Whether anyone of the team is there. */
  readonly online: boolean;
}

export function visitorState(snapshot: VisitorSnapshot): VisitorState {
  const { conversation, messages, more, online } = snapshot;
  return { conversation, thread: mergePage(emptyThread(), messages, { older: more }), online };
}

export function applyVisitor(
  state: VisitorState,
  frame: FrameOf<"visitor", "event" | "presence">,
): VisitorState {
  if (frame.type === "presence") {
    return frame.online === state.online ? state : { ...state, online: frame.online };
  }
  const { conversation } = frame;
  if (frame.event !== "message") return { ...state, conversation };
  return { ...state, conversation, thread: applyMessage(state.thread, frame.seq, frame.message) };
}
