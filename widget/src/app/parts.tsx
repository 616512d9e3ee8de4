/** Small pieces that the others are made of. */

import { Component, type ComponentChildren, type ComponentType, type VNode } from "preact";
import { useEffect, useReducer } from "preact/hooks";

interface IconProps {
  /** A path of `icons.ts`. */
  d: string;
  /** With it the icon speaks for itself. */
  label?: string;
  /** Whether it points the other way in right-to-left scripts. */
  flip?: boolean;
}

export function Icon({ d, label, flip }: IconProps): VNode {
  const spoken = label ? { role: "img" as const, "aria-label": label } : {};
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: it is hidden, or has a label
    <svg class={flip ? "icon flip" : "icon"} viewBox="0 0 24 24" aria-hidden={!label} {...spoken}>
      <path d={d} />
    </svg>
  );
}

interface ButtonProps {
  /** Its path, from `icons.ts`. */
  icon: string;
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
      <Icon d={icon} />
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
