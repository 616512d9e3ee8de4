/** Waiting for what is to come, and no longer than until it is there. */

import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

export const PATIENCE = 10_000;

/** After a restart clients wait up to ten seconds at random before they are back. */
export const LONG_PATIENCE = 30_000;

export const seen = (what: Locator, timeout = PATIENCE) =>
  what.first().waitFor({ state: "visible", timeout });

export const gone = (what: Locator, timeout = PATIENCE) =>
  what.first().waitFor({ state: "hidden", timeout });

/** Asks again and again until the matcher that follows is content. */
export const eventually = <T>(ask: () => T | Promise<T>, timeout = PATIENCE) =>
  expect.poll(ask, { timeout, interval: 50 });

/** Waits until nothing moves on the page or in the widget, but for what moves for ever. */
export async function still(page: Page): Promise<void> {
  await eventually(() =>
    page.evaluate(() => {
      const widget = document.querySelector("switchboard-widget")?.shadowRoot;
      const all = [...document.getAnimations(), ...(widget?.getAnimations() ?? [])];
      const ends = (one: Animation) =>
        one.effect?.getTiming().iterations !== Number.POSITIVE_INFINITY;
      return all.filter((one) => one.playState === "running" && ends(one)).length;
    }),
  ).toBe(0);
}
