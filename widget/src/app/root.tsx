/** The frame around the panel: theme, the phone's screen and keyboard, the focus. */

import type { Attachment } from "@switchboard/wire";
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import type { Model } from "./model.ts";
import { Panel, type View } from "./panel.tsx";

/** As in the style sheets. */
const PHONE = "(max-width: 480px), (max-height: 480px) and (pointer: coarse)";
const DARK = "(prefers-color-scheme: dark)";

function useMedia(query: string): boolean {
  const [matches, set] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const changed = () => set(media.matches);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, [query]);
  return matches;
}

/** On a phone the panel is the screen: as high as the keyboard leaves it, the page held still. */
function useWholeScreen(active: boolean, frame: { current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const view = visualViewport;
    if (!active || !view) return;
    const page = document.documentElement.style;
    const before = page.overflow;
    page.overflow = "hidden";
    const fit = () => {
      frame.current?.style.setProperty("--height", `${view.height}px`);
      frame.current?.style.setProperty("--top", `${view.offsetTop}px`);
    };
    fit();
    const ears = new AbortController();
    const { signal } = ears;
    view.addEventListener("resize", fit, { signal });
    view.addEventListener("scroll", fit, { signal });
    return () => {
      page.overflow = before;
      ears.abort();
    };
  }, [active]);
}

/** Into the panel when it opens, back to the launcher when it closes. */
function useFocus(model: Model, frame: { current: HTMLElement | null }): void {
  const { open, host } = model;
  const was = useRef(false);
  useEffect(() => {
    if (open === was.current) return;
    was.current = open;
    const touch = matchMedia("(pointer: coarse)").matches;
    // On touch screens the keyboard would cover what there is to read.
    const target = touch ? ".scroll" : "textarea";
    if (open) frame.current?.querySelector<HTMLElement>(target)?.focus({ preventScroll: true });
    else host.focus();
  }, [open]);
}

export function Root({ model }: { model: Model }): VNode {
  const [, draw] = useReducer((count: number, _: unknown) => count + 1, 0);
  const [shown, show] = useState<{ files: Attachment[]; start: number } | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const opened = useRef(false);
  const prefersDark = useMedia(DARK);
  const phone = useMedia(PHONE);
  model.onChange = () => draw(0);
  opened.current ||= model.open;
  useWholeScreen(phone && model.open, frame);
  useFocus(model, frame);

  const Lightbox = model.extras?.Lightbox;
  const { theme, position } = model.host.setup.look;
  const dark = theme === "dark" || (theme === "auto" && prefersDark);
  const view: View = (line, id) => {
    const files = (line.row?.attachments ?? []).filter((file) => file.kind === "image");
    const start = files.findIndex((file) => file.id === id);
    if (start >= 0) show({ files, start });
  };
  // The page's own keyboard shortcuts are not for what is typed here.
  const keep = (event: Event) => event.stopPropagation();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only keeps events from the page
    <div
      ref={frame}
      class={`frame ${position}${dark ? " dark" : ""}`}
      onKeyDown={keep}
      onKeyUp={keep}
      onKeyPress={keep}
    >
      {opened.current && <Panel model={model} view={view} />}
      {shown && Lightbox && <Lightbox say={model.say} {...shown} onClose={() => show(null)} />}
    </div>
  );
}
