/** Where the visitor writes. */

import type { VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { ATTACH, SEND, SENT, SMILE } from "./icons.ts";
import type { Model } from "./model.ts";
import { Icon, IconButton } from "./parts.tsx";

const coarse = () => matchMedia("(pointer: coarse)").matches;

/** As high as its text, within the style sheet's limit. */
function useGrowing(text: string, open: boolean) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const el = field.current;
    if (!el) return;
    el.style.height = "0";
    el.style.height = `${el.scrollHeight}px`;
  }, [text, open]);
  return field;
}

export function Composer({ model }: { model: Model }): VNode {
  const { composition, say, chat } = model;
  const { text, notice, excess, editing, replyTo } = composition;
  const { About, Chips, Emoji } = model.extras ?? {};
  const field = useGrowing(text, model.open);
  const picker = useRef<HTMLInputElement>(null);
  const [emoji, showEmoji] = useState<HTMLElement | null>(null);

  useLayoutEffect(() => {
    if (editing || replyTo) field.current?.focus();
  }, [editing, replyTo]);

  function press(event: KeyboardEvent): void {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !coarse()) {
      event.preventDefault();
      composition.send();
    } else if (event.key === "Escape" && (editing || replyTo)) {
      event.stopPropagation();
      composition.cancel();
    } else if (event.key === "ArrowUp" && !text && !editing) {
      const mine = [...(chat?.state.thread.rows ?? [])]
        .reverse()
        .find((row) => row.author.kind === "you");
      if (mine && !mine.deleted_at && mine.text) {
        event.preventDefault();
        composition.edit(mine);
      }
    }
  }

  function paste(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || editing) return;
    event.preventDefault();
    composition.attach(files);
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        composition.send();
        field.current?.focus();
      }}
    >
      {About && <About model={model} />}
      {Chips && <Chips model={model} />}
      {(notice || excess > 0) && (
        <p class="notice" role="alert">
          {excess > 0 ? say("too-long", { count: excess }) : notice}
        </p>
      )}
      <div class="field">
        <textarea
          ref={field}
          rows={1}
          dir={text ? "auto" : undefined}
          value={text}
          placeholder={say("placeholder")}
          aria-label={say("placeholder")}
          enterkeyhint={coarse() ? "enter" : "send"}
          onInput={(event) => composition.input(event.currentTarget.value)}
          onKeyDown={press}
          onPaste={paste}
          onBlur={() => chat?.type(false)}
        />
        <div class="tools">
          <IconButton
            icon={ATTACH}
            label={say("attach")}
            disabled={!chat || !!editing}
            onClick={() => picker.current?.click()}
          />
          <IconButton
            icon={SMILE}
            label={say("emoji")}
            expanded={!!emoji}
            onClick={(event) => showEmoji(event.currentTarget as HTMLElement)}
          />
          <button
            class="send"
            type="submit"
            disabled={!composition.ready}
            title={say("send")}
            aria-label={say("send")}
          >
            <Icon d={editing ? SENT : SEND} />
          </button>
        </div>
      </div>
      <input
        ref={picker}
        class="sr"
        type="file"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          composition.attach([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      {emoji && Emoji && (
        <Emoji {...{ model, field }} anchor={emoji} onClose={() => showEmoji(null)} />
      )}
    </form>
  );
}
