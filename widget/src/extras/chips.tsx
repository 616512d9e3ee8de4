/** The files of a message that is being written. */

import type { VNode } from "preact";
import type { Upload } from "../app/composition.ts";
import { ALERT, CLOSE, FILE, RETRY } from "../app/icons.ts";
import type { Model } from "../app/model.ts";
import { Icon, IconButton } from "../app/parts.tsx";
import { sizeIn } from "./size.ts";
import { retry } from "./uploads.ts";

function Chip({ model, upload }: { model: Model; upload: Upload }): VNode {
  const { say, composition } = model;
  const { name, size, part, problem, row } = upload;
  // A small picture is its own thumbnail.
  const picture = row?.thumbnail_url ?? (row?.kind === "image" ? row.url : null);
  return (
    <li class={`chip${problem ? " bad" : ""}`}>
      {picture ? <img src={picture} alt="" /> : <Icon d={problem ? ALERT : FILE} />}
      <span>
        <b>{name}</b>
        {problem ? (
          <small role="alert">{problem}</small>
        ) : row ? (
          <small>{sizeIn(say.tag, size)}</small>
        ) : (
          <progress value={part} aria-label={say("uploading", { name })} />
        )}
      </span>
      {problem && (
        <IconButton icon={RETRY} label={say("retry")} onClick={() => retry(model, upload)} />
      )}
      <IconButton
        icon={CLOSE}
        label={say("remove", { name })}
        onClick={() => composition.drop(upload)}
      />
    </li>
  );
}

export function Chips({ model }: { model: Model }): VNode | null {
  const { uploads } = model.composition;
  if (uploads.length === 0) return null;
  return (
    <ul class="chips">
      {uploads.map((upload) => (
        <Chip key={upload.id} model={model} upload={upload} />
      ))}
    </ul>
  );
}
