/** A picture over the whole page. */

import type { Attachment } from "@switchboard/wire";
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { CLOSE, DOWNLOAD, NEXT } from "../app/icons.ts";
import type { Speech } from "../app/locale.ts";
import { Icon, IconButton } from "../app/parts.tsx";

interface LightboxProps {
  say: Speech;
  /** The pictures of one message. */
  files: readonly Attachment[];
  start: number;
  onClose(): void;
}

export function Lightbox({ say, files, start, onClose }: LightboxProps): VNode | null {
  const [at, go] = useState(start);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const root = box.current?.getRootNode() as ShadowRoot | undefined;
    const before = root?.activeElement as HTMLElement | null | undefined;
    box.current?.focus();
    return () => before?.focus();
  }, []);
  const file = files[at];
  if (!file) return null;
  const step = (by: number) => go((at + by + files.length) % files.length);
  function press(event: KeyboardEvent): void {
    const ahead = say.rtl ? -1 : 1;
    if (event.key === "Escape") onClose();
    else if (event.key === "ArrowRight") step(ahead);
    else if (event.key === "ArrowLeft") step(-ahead);
    event.stopPropagation();
  }
  return (
    <div
      ref={box}
      class="lightbox"
      role="dialog"
      aria-modal="true"
      aria-label={file.name}
      tabIndex={-1}
      dir={say.rtl ? "rtl" : "ltr"}
      onKeyDown={press}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <img src={file.url} alt={file.name} />
      <div class="bar">
        <span>{file.name}</span>
        <a
          class="ib"
          href={file.url}
          target="_blank"
          rel="noopener noreferrer"
          title={say("download", { name: file.name })}
          aria-label={say("download", { name: file.name })}
        >
          <Icon d={DOWNLOAD} />
        </a>
        <IconButton icon={CLOSE} label={say("close-image")} onClick={onClose} />
      </div>
      {files.length > 1 && (
        <>
          <IconButton
            class="step back"
            icon={NEXT}
            label={say("previous")}
            onClick={() => step(-1)}
          />
          <IconButton class="step" icon={NEXT} label={say("next")} onClick={() => step(1)} />
        </>
      )}
    </div>
  );
}
