import type { VisitorAuthor } from "@switchboard/wire";
import type { Speech } from "./locale.ts";

export function authorName(author: VisitorAuthor, say: Speech): string {
  return author.kind === "agent" ? author.name : author.kind === "you" ? say("you") : "";
}
