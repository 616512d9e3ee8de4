/** The opened chat. */

import type { VNode } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { Banner } from "./banner.tsx";
import type { Acts } from "./bubble.tsx";
import type { ChatLine } from "./chat.ts";
import { Composer } from "./composer.tsx";
import { CLOSE, MUTED, SOUND } from "./icons.ts";
import { Messages } from "./messages.tsx";
import type { Model } from "./model.ts";
import { Avatar, IconButton } from "./parts.tsx";

function Header({ model }: { model: Model }): VNode {
  const { say, config, chat, muted } = model;
  const title = config ? config.look.title || config.workspace : "";
  const live = chat?.client.state.kind === "live";
  // Without a connection nobody knows who is there.
  const online = !chat?.known ? config?.online : live ? chat.state.online : undefined;
  return (
    <div class="head">
      <Avatar name={title} />
      <div>
        <h2 id="title">{title}</h2>
        <p class={online ? "online" : ""}>
          {online !== undefined && say(online ? "online" : "away")}
        </p>
      </div>
      <IconButton
        icon={muted ? MUTED : SOUND}
        label={say("mute")}
        pressed={muted}
        onClick={() => model.mute(!muted)}
      />
      <IconButton
        class="close"
        icon={CLOSE}
        label={say("close")}
        onClick={() => model.show(false)}
      />
    </div>
  );
}

/** Files dragged over the panel. */
function useDrop(model: Model) {
  const [over, set] = useState(false);
  const depth = useRef(0);
  const carries = (event: DragEvent) =>
    !!event.dataTransfer?.types.includes("Files") && !!model.chat && !model.anonymous;
  const enter = (by: number) => (event: DragEvent) => {
    if (!carries(event)) return;
    depth.current = Math.max(0, depth.current + by);
    set(depth.current > 0);
  };
  return {
    over,
    handlers: {
      onDragEnter: enter(1),
      onDragLeave: enter(-1),
      onDragOver: (event: DragEvent) => carries(event) && event.preventDefault(),
      onDrop(event: DragEvent) {
        event.preventDefault();
        depth.current = 0;
        set(false);
        if (carries(event)) model.composition.attach([...(event.dataTransfer?.files ?? [])]);
      },
    },
  };
}

export type View = (line: ChatLine, file: string) => void;

export function Panel({ model, view }: { model: Model; view: View }): VNode {
  const { say, chat, extras } = model;
  const Menu = extras?.Menu;
  const [menu, setMenu] = useState<{ key: string; anchor: HTMLElement } | null>(null);
  const { over, handlers } = useDrop(model);
  const acts = useMemo<Acts>(
    () => ({
      menu(line, anchor) {
        setMenu({ key: line.key, anchor });
        model.more().catch(() => setMenu(null));
      },
      react(message, emoji, on) {
        const failed = (error: Error) => model.composition.tell(error.message);
        model.chat?.client.request({ type: "react", message, emoji, on }).catch(failed);
      },
      view: (file, line) => view(line, file.id),
    }),
    [model],
  );
  const chosen = menu && chat?.lines.find((line) => line.key === menu.key)?.row;

  return (
    <section
      class={chat?.lines.length || chat?.typing ? "panel" : "panel new"}
      role="dialog"
      aria-labelledby="title"
      lang={say.tag}
      dir={say.rtl ? "rtl" : "ltr"}
      hidden={!model.open}
      onKeyDown={(event) => event.key === "Escape" && !event.isComposing && model.show(false)}
      {...handlers}
    >
      <Header model={model} />
      <Banner model={model} />
      <Messages model={model} acts={acts} chosen={menu?.key ?? ""} />
      {model.anonymous ? <p class="sign-in">{say("sign-in")}</p> : <Composer model={model} />}
      {menu && chosen && Menu && (
        <Menu
          {...{ model, acts }}
          row={chosen}
          anchor={menu.anchor}
          onClose={() => setMenu(null)}
        />
      )}
      {over && <div class="drop">{say("drop")}</div>}
      <div class="sr" role="log" aria-live="polite">
        {model.open && model.announcements.map(({ id, text }) => <p key={id}>{text}</p>)}
      </div>
    </section>
  );
}
