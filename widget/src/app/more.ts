/** Fetches the second part of the app and lends it what it needs of the first. */

import { addressed, understood } from "@switchboard/wire";
import { Fragment, h } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon, IconButton } from "./parts.tsx";

export type Extras = typeof import("../extras/main.ts");

let fetching: Promise<Extras> | null = null;

/** Once; after a failure it is tried again with the next call. */
export function fetchExtras(): Promise<Extras> {
  fetching ??= import(new URL(`./${EXTRAS}`, import.meta.url).href).then(
    (extras: Extras) => {
      extras.borrow({
        h,
        Fragment,
        useEffect,
        useLayoutEffect,
        useRef,
        useState,
        Icon,
        IconButton,
        addressed,
        understood,
      });
      return extras;
    },
    (error) => {
      fetching = null;
      throw error;
    },
  );
  return fetching;
}
