/** Finds addresses in a message. The parts become elements, never HTML. */

export interface Part {
  text: string;
  /** Absent for plain text. */
  href?: string;
}

const ADDRESS =
  /\b(?:https?:\/\/|www\.)[^\s<>"]+|[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63})+/gi;

const count = (text: string, one: string) => text.split(one).length - 1;

/** Punctuation that ends the sentence, not the address; a closing bracket stays if it was opened. */
function trimEnd(address: string): string {
  const surplus = {
    ")": count(address, ")") - count(address, "("),
    "]": count(address, "]") - count(address, "["),
  };
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1] as string;
    if (last === ")" || last === "]") {
      if (surplus[last]-- <= 0) break;
    } else if (!/[.,;:!?'"*_~…。，、！？；：）」』】]/.test(last)) break;
  }
  return address.slice(0, end);
}

function hrefOf(address: string): string | null {
  if (/^https?:/i.test(address) || /^www\./i.test(address)) {
    const url = /^www\./i.test(address) ? `https://${address}` : address;
    // What `URL` cannot read, or reads as something else, stays text.
    try {
      return /^https?:$/.test(new URL(url).protocol) ? new URL(url).href : null;
    } catch {
      return null;
    }
  }
  return `mailto:${address}`;
}

export function linkify(text: string): Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimEnd(match[0]);
    const href = hrefOf(address);
    if (!href) continue;
    if (match.index > done) parts.push({ text: text.slice(done, match.index) });
    parts.push({ text: address, href });
    done = match.index + address.length;
  }
  if (done < text.length) parts.push({ text: text.slice(done) });
  return parts;
}

/** One to three emoji and nothing else: shown large. */
export const onlyEmoji = (text: string) =>
  /^(?:\p{Extended_Pictographic}[\u{1f3fb}-\u{1f3ff}\ufe0f]*(?:\u200d\p{Extended_Pictographic}\ufe0f?)*\s*){1,3}$/u.test(
    text,
  );
