/** What the address says after a platform sent the browser back from signing in. */

export interface Return {
  /** How many accounts were connected, if that was tried. */
  connected: number | null;
  /** Why each of the others could not be, in words. */
  problems: readonly string[];
  /** There is a choice to make. */
  ticket: string | null;
}

export function readReturn(query: string): Return {
  const params = new URLSearchParams(query);
  const connected = Number.parseInt(params.get("connected") ?? "", 10);
  return {
    connected: Number.isNaN(connected) ? null : connected,
    problems: params.getAll("problem"),
    ticket: params.get("sign_in"),
  };
}

/** Reads it once: whoever reloads the page has seen it. */
export function takeReturn(): Return {
  const back = readReturn(location.search);
  if (location.search) history.replaceState(history.state, "", location.pathname);
  return back;
}
