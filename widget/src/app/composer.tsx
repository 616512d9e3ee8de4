/** Where the visitor writes. */

import type { VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { authorName } from "./bubble.tsx";
import type { Upload } from "./composition.ts";
import type { Model } from "./model.ts";
import { Icon, IconButton } from "./parts.tsx";
import { Popover } from "./popover.tsx";

const EMOJI =
  "😀 😄 😂 😊 😍 😘 😉 😎 🤔 😅 😢 😭 😮 😡 😴 🤗 👍 👎 👏 🙌 🙏 💪 👋 🤝 ❤️ 💛 💚 🔥 ✨ 🎉 ✅ ❌ ⭐ 💡 📦 🎁 ☕ 🌷 ☀️ 🚀";

const coarse = () => matchMedia("(pointer: coarse)").matches;

/** Above the text: what is answered or changed. */
function About({ model }: { model: Model }): VNode | null {
  const { composition, chat, say } = model;
  const id = composition.editing ?? composition.replyTo;
  const row = id && chat?.state.thread.rows.find((other) => other.id === id);
  if (!id) return null;
  return (
    <div class="about">
      <Icon name={composition.editing ? "edit" : "reply"} />
      <span>
        <b>
          {composition.editing
            ? say("editing")
            : say("replying", { name: row ? authorName(row.author, say) : "" })}
        </b>
        <span dir="auto">{row && (row.text || say("attachment"))}</span>
      </span>
      <IconButton icon="close" label={say("cancel")} onClick={() => composition.cancel()} />
    </div>
  );
}

function Chip({ model, upload }: { model: Model; upload: Upload }): VNode {
  const { say, composition } = model;
  const { name, size, part, problem, row } = upload;
  return (
    <li class={`chip${problem ? " bad" : ""}`}>
      {row?.thumbnail_url ? (
        <img src={row.thumbnail_url} alt="" />
      ) : (
        <Icon name={problem ? "alert" : "file"} />
      )}
      <span>
        <b>{name}</b>
        {problem ? (
          <small role="alert">{problem}</small>
        ) : row ? (
          <small>{say.size(size)}</small>
        ) : (
          <progress value={part} aria-label={say("uploading", { name })} />
        )}
      </span>
      {problem && upload.file && (
        <IconButton icon="retry" label={say("retry")} onClick={() => composition.retry(upload)} />
      )}
      <IconButton icon="close" label={say("remove", { name })} onClick={() => composition.drop(upload)} />
    </li>
  );
}

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
  const { text, uploads, notice, excess, editing, replyTo } = composition;
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

  function insert(what: string): void {
    const el = field.current;
    const [from, to] = [el?.selectionStart ?? text.length, el?.selectionEnd ?? text.length];
    composition.input(text.slice(0, from) + what + text.slice(to));
    showEmoji(null);
    requestAnimationFrame(() => {
      el?.focus();
      el?.setSelectionRange(from + what.length, from + what.length);
    });
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
      <About model={model} />
      {uploads.length > 0 && (
        <ul class="chips">
          {uploads.map((upload) => (
            <Chip key={upload.id} model={model} upload={upload} />
          ))}
        </ul>
      )}
      {(notice || excess > 0) && (
        <p class="notice" role="alert">
          {excess > 0 ? say("too-long", { count: excess }) : notice}
        </p>
      )}
      <div class="field">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
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
            icon="attach"
            label={say("attach")}
            disabled={!chat || !!editing}
            onClick={() => picker.current?.click()}
          />
          <IconButton
            icon="smile"
            label={say("emoji")}
            expanded={!!emoji}
            onClick={(event) => showEmoji(event.currentTarget as HTMLElement)}
          />
          <button class="send" type="submit" disabled={!composition.ready} title={say("send")} aria-label={say("send")}>
            <Icon name={editing ? "sent" : "send"} />
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
      {emoji && (
        <Popover label={say("emoji")} anchor={emoji} role="dialog" onClose={() => showEmoji(null)}>
          <div class="emoji">
            {EMOJI.split(" ").map((one) => (
              <button type="button" key={one} onClick={() => insert(one)}>
                {one}
              </button>
            ))}
          </div>
        </Popover>
      )}
    </form>
  );
}
