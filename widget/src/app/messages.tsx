/** The scrolling part: history upwards, the newest at the bottom, the place kept in between. */

import type { VisitorMessage, VisitorQuote } from "@switchboard/wire";
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { arrange } from "./arrange.ts";
import { type Acts, Bubble } from "./bubble.tsx";
import type { Chat, ChatLine } from "./chat.ts";
import { DOWN } from "./icons.ts";
import type { Model } from "./model.ts";
import { Avatar, Icon } from "./parts.tsx";

/** This close to an end counts as there. */
const NEAR = 60;

/** Keeps the view at the newest, or where it was while older ones are put in above it. */
function useScroll(model: Model, chat: Chat | null) {
  const box = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLOListElement>(null);
  const place = useRef({ pinned: true, height: 0, top: 0, first: "", last: "" });
  const [pinned, pin] = useState(true);

  const watch = () => {
    const seen = place.current.pinned && !document.hidden;
    chat?.watch(model.open && seen);
  };
  const toEnd = (smooth = false) => {
    const el = box.current;
    if (!el) return;
    const far = el.scrollHeight - el.scrollTop > el.clientHeight * 4;
    el.scrollTo({ top: el.scrollHeight, behavior: smooth && !far ? "smooth" : "instant" });
  };
  const onScroll = () => {
    const el = box.current;
    if (!el || !model.open) return;
    place.current.top = el.scrollTop;
    place.current.pinned = el.scrollHeight - el.scrollTop - el.clientHeight < NEAR;
    pin(place.current.pinned);
    watch();
    if (el.scrollTop < NEAR * 3) chat?.older();
  };

  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    const was = place.current;
    const [first, newest] = [chat?.lines[0]?.key ?? "", chat?.lines.at(-1)];
    const last = newest?.key ?? "";
    // One's own new message is always shown.
    if (last !== was.last && newest?.entry) was.pinned = true;
    if (was.pinned) toEnd();
    else if (first !== was.first) el.scrollTop = was.top + el.scrollHeight - was.height;
    Object.assign(was, { height: el.scrollHeight, top: el.scrollTop, first, last });
  });

  useLayoutEffect(() => {
    if (!model.open) return;
    place.current.pinned = true;
    pin(true);
    const mark = inner.current?.querySelector(".fresh");
    if (mark) mark.scrollIntoView({ block: "center" });
    else toEnd();
    onScroll();
  }, [model.open, chat]);

  useEffect(() => {
    const resized = new ResizeObserver(() => {
      if (place.current.pinned) toEnd();
      // A page that does not fill the view cannot be scrolled to its beginning.
      else if (box.current) place.current.height = box.current.scrollHeight;
    });
    for (const el of [box.current, inner.current]) if (el) resized.observe(el);
    document.addEventListener("visibilitychange", watch);
    return () => {
      resized.disconnect();
      document.removeEventListener("visibilitychange", watch);
    };
  }, [chat]);

  return { box, inner, pinned, toEnd, onScroll };
}

function quoteOf(line: ChatLine, rows: readonly VisitorMessage[]): VisitorQuote | null {
  const id = line.entry?.post.reply_to;
  const row = id && rows.find((other) => other.id === id);
  return row ? { id: row.id, author: row.author, excerpt: row.text.slice(0, 120) } : null;
}

function Greeting({ model }: { model: Model }): VNode | null {
  const { config, say, chat } = model;
  if (!config || (chat?.state.thread.older && chat.lines.length > 0)) return null;
  const name = config.look.title || config.workspace;
  return (
    <li class="row theirs first last">
      <Avatar name={name} />
      <div class="stack">
        <span class="name">{name}</span>
        <div class="line">
          <div class="bubble">
            <p class="words" dir="auto">
              {config.look.greeting || say("greeting")}
            </p>
          </div>
        </div>
      </div>
    </li>
  );
}

export function Messages({
  model,
  acts,
  chosen,
}: {
  model: Model;
  acts: Acts;
  chosen: string;
}): VNode {
  const { chat, say } = model;
  const { box, inner, pinned, toEnd, onScroll } = useScroll(model, chat);
  const rows = chat?.state.thread.rows ?? [];
  const team = chat?.state.conversation?.team;
  return (
    <div class="middle">
      <section
        class="scroll"
        ref={box}
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={say("messages")}
      >
        <ol ref={inner}>
          <Greeting model={model} />
          {chat &&
            arrange(chat.lines, model.readBefore).map((item) =>
              item.kind === "day" ? (
                <li class="day" key={item.key}>
                  {say.day(item.at, Date.now())}
                </li>
              ) : item.kind === "new" ? (
                <li class="day fresh" key="new">
                  {say("new")}
                </li>
              ) : (
                <Bubble
                  key={item.key}
                  {...{ chat, say, acts, team }}
                  extras={model.extras}
                  line={item.line}
                  first={item.first}
                  last={item.last}
                  edit={item.line.row ? chat.edits.get(item.line.row.id) : undefined}
                  quote={quoteOf(item.line, rows)}
                  chosen={item.key === chosen}
                  live={!item.line.entry || chat.client.state.kind === "live"}
                />
              ),
            )}
          {chat?.typing && (
            <li class="row theirs first last" key="typing">
              <Avatar name={chat.typing} />
              <div
                class="bubble dots"
                role="status"
                aria-label={say("typing", { name: chat.typing })}
              >
                <i />
                <i />
                <i />
              </div>
            </li>
          )}
        </ol>
      </section>
      {chat?.history === "loading" && <p class="older">{say("older")}</p>}
      {chat?.history === "failed" && (
        <button type="button" class="older" onClick={() => chat.older()}>
          {say("older-failed")}
        </button>
      )}
      {!pinned && (
        <button
          type="button"
          class="jump"
          onClick={() => toEnd(true)}
          aria-label={say("jump")}
          title={say("jump")}
        >
          <Icon d={DOWN} />
          {!!chat?.unread && <b>{chat.unread}</b>}
        </button>
      )}
    </div>
  );
}
