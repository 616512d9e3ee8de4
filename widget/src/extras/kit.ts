/**
 * What the extras borrow from the app instead of bringing it again: the build resolves `preact`,
 * its hooks, the app's small parts and REST's exchange to this file.
 */

import type * as wire from "@switchboard/wire";
import type * as preact from "preact";
import type * as hooks from "preact/hooks";
import type * as parts from "../app/parts.tsx";

export interface Kit {
  h: typeof preact.h;
  Fragment: typeof preact.Fragment;
  useEffect: typeof hooks.useEffect;
  useLayoutEffect: typeof hooks.useLayoutEffect;
  useRef: typeof hooks.useRef;
  useState: typeof hooks.useState;
  Icon: typeof parts.Icon;
  IconButton: typeof parts.IconButton;
  addressed: typeof wire.addressed;
  understood: typeof wire.understood;
}

export let h: Kit["h"];
export let Fragment: Kit["Fragment"];
export let useEffect: Kit["useEffect"];
export let useLayoutEffect: Kit["useLayoutEffect"];
export let useRef: Kit["useRef"];
export let useState: Kit["useState"];
export let Icon: Kit["Icon"];
export let IconButton: Kit["IconButton"];
export let addressed: Kit["addressed"];
export let understood: Kit["understood"];

/** Called once, before anything of the extras is drawn. */
export function borrow(kit: Kit): void {
  ({ h, Fragment, useEffect, useLayoutEffect, useRef, useState } = kit);
  ({ Icon, IconButton, addressed, understood } = kit);
}
