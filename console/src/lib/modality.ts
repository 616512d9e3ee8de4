/** Whether a person last used a pointer or the keyboard, where it makes a difference. */

let pointer = false;

if (typeof document !== "undefined") {
  const options = { capture: true, passive: true };
  document.addEventListener("pointerdown", () => (pointer = true), options);
  document.addEventListener("keydown", () => (pointer = false), options);
}

export function byPointer(): boolean {
  return pointer;
}
