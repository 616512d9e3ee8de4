/** Small pieces that the others are made of. */

import { Component, type ComponentChildren, type ComponentType, type VNode } from "preact";
import { useEffect, useReducer } from "preact/hooks";

const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  attach:
    "m20.5 11.5-8.6 8.6a5.5 5.5 0 0 1-7.8-7.8l8.6-8.6a3.7 3.7 0 0 1 5.2 5.2l-8.6 8.5a1.8 1.8 0 0 1-2.6-2.5l8-7.9",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.6v.1M15 9.6v.1",
  sound: "M11 5 6.5 9H3v6h3.5L11 19V5ZM15 9.5a3.5 3.5 0 0 1 0 5M17.8 7a7 7 0 0 1 0 10",
  muted: "M11 5 6.5 9H3v6h3.5L11 19V5ZM16 9.5l5 5M21 9.5l-5 5",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  reply: "M9 15 4 10l5-5M4 10h9a7 7 0 0 1 7 7v2",
  edit: "M4 20l4.2-1L19 8.2a2 2 0 0 0-3-3L5 16l-1 4ZM14 7l3 3",
  bin: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  down: "M12 5v14M5.5 12.5 12 19l6.5-6.5",
  file: "M14 3H6v18h12V7l-4-4ZM14 3v4h4M9 12h6M9 16h6",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3 2",
  alert: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7.5v5.5M12 16.4v.1",
  sent: "m5 12.5 4.5 4.5L19 7.5",
  double: "m2 12.5 4.5 4.5L16 7.5M11.5 16l1 1L22 7.5",
  next: "m9 5 7 7-7 7",
  retry: "M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
} as const;

export type IconName = keyof typeof ICONS;

export function Icon({ name, label }: { name: IconName; label?: string }): VNode {
  const spoken = label ? { role: "img" as const, "aria-label": label } : {};
  return (
    <svg class={`icon ${name}`} viewBox="0 0 24 24" aria-hidden={!label} {...spoken}>
      <path d={ICONS[name]} />
    </svg>
  );
}

interface ButtonProps {
  icon: IconName;
  label: string;
  onClick(event: MouseEvent): void;
  class?: string;
  disabled?: boolean;
  pressed?: boolean;
  expanded?: boolean;
}

/** A button with an icon for a face and words for those who cannot see it. */
export function IconButton({ icon, label, pressed, expanded, ...rest }: ButtonProps): VNode {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...(pressed !== undefined && { "aria-pressed": pressed })}
      {...(expanded !== undefined && { "aria-expanded": expanded, "aria-haspopup": true })}
      {...rest}
      class={`ib ${rest.class ?? ""}`}
    >
      <Icon name={icon} />
    </button>
  );
}

/** The first letters of a name in a disc. */
export function Avatar({ name }: { name: string }): VNode {
  const words = name.trim().split(/\s+/);
  const letters = (words.length > 1 ? [words[0], words[words.length - 1]] : words)
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("");
  return (
    <span class="avatar" aria-hidden="true">
      {letters.toLocaleUpperCase()}
    </span>
  );
}

/** Draws again only when a property changed. */
export function memo<P extends object>(Inner: (props: P) => VNode | null): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const now = this.props as P;
      return (Object.keys(next) as (keyof P)[]).some((key) => next[key] !== now[key]);
    }

    override render(): ComponentChildren {
      return <Inner {...(this.props as P)} />;
    }
  };
}

/** Draws again every second while it matters. */
export function useSeconds(active: boolean): void {
  const [, tick] = useReducer((count: number, _: unknown) => count + 1, 0);
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => tick(0), 1000);
    return () => clearInterval(timer);
  }, [active]);
}
