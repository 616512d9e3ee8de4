/** Attachments in a bubble: pictures, players, and files to download. */

import type { Attachment } from "@switchboard/wire";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Chat } from "../app/chat.ts";
import { FILE } from "../app/icons.ts";
import type { Speech } from "../app/locale.ts";
import { Icon } from "../app/parts.tsx";
import { sizeIn } from "./size.ts";

interface FileProps {
  chat: Chat;
  say: Speech;
  file: Attachment;
  onView(file: Attachment): void;
}

/** Whether a signed link has run out, or is about to. */
export function expired(url: string, now = Date.now()): boolean {
  const end = Number(/[?&]e=(\d+)/.exec(url)?.[1] ?? Number.POSITIVE_INFINITY);
  return end * 1000 < now + 5000;
}

/** The attachment with links that work: renewed when they have run out or failed, once. */
function useFresh(chat: Chat, given: Attachment): [Attachment, () => Promise<Attachment>] {
  const [file, become] = useState(given);
  const [renewed, count] = useState(0);
  const renew = async () => {
    if (renewed > 2) return file;
    count(renewed + 1);
    const fresh = await chat.file(given.id, true).catch(() => file);
    become(fresh);
    return fresh;
  };
  useEffect(() => {
    if (given.id !== file.id || given.url !== file.url) become(given);
  }, [given.id, given.url]);
  return [file, renew];
}

/** As large as fits a bubble. Known before it is there, so that nothing jumps. */
function shown(width: number, height: number): { width: number; height: number } {
  if (!width || !height) return { width: 230, height: 170 };
  const scale = Math.min(1, 230 / width, 260 / height);
  return { width: Math.max(48, width * scale), height: Math.max(48, height * scale) };
}

function Picture({ chat, say, file: given, onView }: FileProps): VNode {
  const [file, renew] = useFresh(chat, given);
  const label = say("view-image", { name: file.name });
  const { width, height } = shown(file.width ?? 0, file.height ?? 0);
  return (
    <button type="button" class="picture" aria-label={label} onClick={() => onView(file)}>
      <img
        src={file.thumbnail_url ?? file.url}
        alt={file.name}
        width={width}
        height={height}
        loading="lazy"
        decoding="async"
        onError={renew}
      />
    </button>
  );
}

function Player({ chat, file: given }: FileProps): VNode {
  const [file, renew] = useFresh(chat, given);
  const common = { src: file.url, controls: true, preload: "metadata", onError: renew } as const;
  return file.kind === "video" ? (
    <video class="player" aria-label={file.name} playsInline {...common}>
      <track kind="captions" />
    </video>
  ) : (
    <audio class="player" aria-label={file.name} {...common}>
      <track kind="captions" />
    </audio>
  );
}

function Download({ chat, say, file: given }: FileProps): VNode {
  const [file, renew] = useFresh(chat, given);
  async function follow(event: MouseEvent): Promise<void> {
    if (!expired(file.url)) return;
    event.preventDefault();
    const { url } = await renew();
    open(url, "_blank", "noopener");
  }
  return (
    <a
      class="file"
      href={file.url}
      target="_blank"
      rel="noopener noreferrer"
      title={say("download", { name: file.name })}
      onClick={follow}
    >
      <Icon d={FILE} />
      <span>
        <b>{file.name}</b>
        <small>{sizeIn(say.tag, file.size)}</small>
      </span>
    </a>
  );
}

export function File(props: FileProps): VNode {
  const { kind } = props.file;
  if (kind === "image") return <Picture {...props} />;
  return kind === "file" ? <Download {...props} /> : <Player {...props} />;
}

/** A file of a message that is on its way; after a reload only its id is known. */
export function PendingFile({ id, ...rest }: Omit<FileProps, "file"> & { id: string }): VNode {
  const { chat } = rest;
  const [file, found] = useState(chat.files.get(id) ?? null);
  useEffect(() => {
    if (!file) chat.file(id).then(found, () => {});
  }, [id]);
  return file ? <File {...rest} file={file} /> : <span class="file ghost" />;
}
