/** A small sheet over the panel: the menu of a message, the emoji. Arrow keys walk it. */

import type { ComponentChildren, VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface PopoverProps {
  label: string;
  /** What it belongs to; the focus returns there. */
  anchor: HTMLElement;
  /** Role of the sheet; its focusable parts are buttons. */
  role: "menu" | "dialog";
  onClose(): void;
  children: ComponentChildren;
}

const GAP = 6;

/** Beside the anchor where there is room, inside the panel in any case. */
function settle(sheet: HTMLElement, anchor: HTMLElement): void {
  const panel = (sheet.offsetParent as HTMLElement).getBoundingClientRect();
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = sheet;
  const below = at.bottom - panel.top + GAP;
  const above = at.top - panel.top - height - GAP;
  const top = below + height < panel.height - GAP || above < GAP ? below : above;
  const left = at.left + at.width / 2 - panel.left - width / 2;
  const fit = (value: number, room: number) => Math.max(GAP, Math.min(value, room - GAP));
  sheet.style.top = `${fit(top, panel.height - height)}px`;
  sheet.style.left = `${fit(left, panel.width - width)}px`;
}

export function Popover({ label, anchor, role, onClose, children }: PopoverProps): VNode {
  const sheet = useRef<HTMLDivElement>(null);
  const stops = () => [...(sheet.current?.querySelectorAll("button") ?? [])];
  useLayoutEffect(() => {
    if (sheet.current) settle(sheet.current, anchor);
    stops()[0]?.focus({ preventScroll: true });
    return () => anchor.focus({ preventScroll: true });
  }, [anchor]);

  function walk(event: KeyboardEvent): void {
    const rtl = !!sheet.current && getComputedStyle(sheet.current).direction === "rtl";
    const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1 }[
      event.key
    ];
    if (event.key === "Escape" || event.key === "Tab") onClose();
    else if (step) {
      const all = stops();
      const root = sheet.current?.getRootNode() as ShadowRoot;
      const at = all.indexOf(root.activeElement as HTMLButtonElement);
      all[(at + step + all.length) % all.length]?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <>
      <div class="veil" onPointerDown={onClose} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its role is one of two interactive ones */}
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both of them take a label */}
      <div ref={sheet} class="sheet" role={role} aria-label={label} onKeyDown={walk}>
        {children}
      </div>
    </>
  );
}
