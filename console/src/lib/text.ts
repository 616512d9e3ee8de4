/** A message's text in parts: links become links, searched words are marked, all else stays. */

export interface Part {
  kind: "text" | "link" | "mark";
  text: string;
  href?: string;
}

const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"'`]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu;

/** Splits what a sentence ends with off a link: "see https://a.b/c." has no dot in its link. */
function trimmed(raw: string): string {
  let link = raw.replace(/[.,;:!?…]+$/u, "");
  while (link.endsWith(")") && !link.slice(0, -1).includes("(")) link = link.slice(0, -1);
  return link;
}

function hrefOf(link: string): string {
  if (/^https?:\/\//i.test(link)) return link;
  return link.includes("@") && !/^www\./i.test(link) ? `mailto:${link}` : `https://${link}`;
}

/** An address that may be opened: `null` for anything that is not of the web. */
export function webAddress(address: string | null | undefined): string | null {
  return address && /^https?:\/\//i.test(address) ? address : null;
}

/** Finds web and e-mail addresses. Only http, https and mailto ever come out. */
export function linkify(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const link = trimmed(match[0]);
    if (match.index > end) parts.push({ kind: "text", text: text.slice(end, match.index) });
    parts.push({ kind: "link", text: link, href: hrefOf(link) });
    end = match.index + link.length;
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  return parts;
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

export function words(query: string): string[] {
  return query.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

/** Marks every whole word of `query` in `text`. */
export function highlight(text: string, query: string): Part[] {
  const all = words(query);
  if (all.length === 0) return [{ kind: "text", text }];
  const any = all.map(escaped).join("|");
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, "giu");
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) parts.push({ kind: "text", text: text.slice(end, match.index) });
    parts.push({ kind: "mark", text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  return parts;
}

/** The part of a long text around the first word found, for a list of hits. */
export function excerptAround(text: string, query: string, length = 180): string {
  const flat = text.replace(/\s+/g, " ").trim();
  if (flat.length <= length) return flat;
  const first = highlight(flat, query);
  const before = first[0]?.kind === "text" && first.length > 1 ? first[0].text.length : 0;
  const start = Math.max(0, Math.min(before - length / 3, flat.length - length));
  const cut = flat.slice(start, start + length);
  return `${start > 0 ? "…" : ""}${cut.trim()}${start + length < flat.length ? "…" : ""}`;
}

const EMOJI_ONLY =
  /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f|\s)+$/u;

/** Whether a text is a few emoji and nothing else, and is therefore shown large. */
export function isEmojiOnly(text: string): boolean {
  const bare = text.replace(/\s/g, "");
  if (bare === "" || bare.length > 40 || !EMOJI_ONLY.test(text)) return false;
  return [...new Intl.Segmenter().segment(bare)].length <= 3;
}
