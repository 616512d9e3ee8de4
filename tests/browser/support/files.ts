/** Files to send, made here so that the repository holds none. */

import { deflateSync } from "node:zlib";
import type { Locator } from "playwright-core";

export interface Sent {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

function crc(bytes: Buffer): number {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "ascii"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PNG in which the colour of each place is what `paint` says. */
export function picture(
  name: string,
  width = 480,
  height = 320,
  paint = (x: number, y: number) => [180 + (x % 60), 140 - (y % 90), 90 + ((x + y) % 50)],
): Sent {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set(paint(x, y), y * (1 + width * 3) + 1 + x * 3);
  }
  const buffer = Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
  return { name, mimeType: "image/png", buffer };
}

export const text = (name: string, words: string): Sent => ({
  name,
  mimeType: "text/plain",
  buffer: Buffer.from(words),
});

/** Gives a field a file as the keyboard or the mouse of a person would. */
export function hand(field: Locator, how: "paste" | "drop", file: Sent): Promise<void> {
  const given = {
    how,
    name: file.name,
    type: file.mimeType,
    base64: file.buffer.toString("base64"),
  };
  return field.evaluate((element, { how, name, type, base64 }) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, { type }));
    const common = { bubbles: true, cancelable: true, composed: true };
    if (how === "paste") {
      element.dispatchEvent(new ClipboardEvent("paste", { ...common, clipboardData: data }));
      return;
    }
    for (const step of ["dragenter", "dragover", "drop"]) {
      element.dispatchEvent(new DragEvent(step, { ...common, dataTransfer: data }));
    }
  }, given);
}

/** Whether a picture has arrived and can be seen. */
export const drawn = (image: Locator): Promise<boolean> =>
  image.evaluate((node) => {
    const img = node as HTMLImageElement;
    return img.complete && img.naturalWidth > 0 && img.getBoundingClientRect().width > 20;
  });
