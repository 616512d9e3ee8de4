// What the page asks of the sandbox.

import { toast } from "./dom.js";

async function call(method, path, body) {
  const reply = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const value = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(value.error ?? `The sandbox answered ${reply.status}`);
  return value;
}

export const state = (phone) =>
  call("GET", `/phones/api/state${phone ? `?phone=${encodeURIComponent(phone)}` : ""}`);

/** One thing that a customer does. What goes wrong is told to the person in front of the page. */
export async function act(phone, verb, body = {}) {
  try {
    return await call("POST", `/phones/api/${encodeURIComponent(phone)}/${verb}`, body);
  } catch (error) {
    toast(error.message);
    throw error;
  }
}

export const addPerson = (platform, account, name) =>
  call("POST", "/phones/api/people", { platform, account, name });

/** What the person whose own account it is lets the bot do from now on. */
export const changeConnection = (change) => call("POST", "/control/telegram/connection", change);

export const faults = async () => (await call("GET", "/control/faults")).faults;
export const addFault = (fault) => call("POST", "/control/faults", fault);

/** Takes some faults away: the sandbox forgets all of them, and is told the others again. */
export async function removeFaults(gone) {
  const kept = (await faults()).filter((fault) => !gone(fault));
  await call("DELETE", "/control/faults");
  for (const fault of kept) await addFault(fault);
}

export const advance = (seconds) => call("POST", "/control/advance", { seconds });

/** Calls back with the id of each phone on which something changed, or with nothing after a gap. */
export function listen(changed) {
  const events = new EventSource("/phones/api/events");
  let opened = false;
  events.onopen = () => {
    if (opened) changed();
    opened = true;
  };
  events.onmessage = (event) => changed(JSON.parse(event.data).changed);
}
