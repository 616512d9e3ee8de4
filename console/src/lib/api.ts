/** The server's REST side on this origin, with the session cookie. */
import { createRest, ProblemError, type Rest } from "@switchboard/wire";

type Lost = () => void;

let lost: Lost = () => {};

/** Calls `fn` when the server says that nobody is signed in any more. */
export function onSignedOut(fn: Lost): void {
  lost = fn;
}

/** These answer 401 for a wrong password, which is no lost session. */
const OPEN = /^\/(sign-in|sign-up|invitations\/(accept|by-token)|password-reset|me$)/;

async function watched<T>(path: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const gone = error instanceof ProblemError && error.code === "unauthenticated";
    if (gone && !OPEN.test(path)) lost();
    throw error;
  }
}

const bare = createRest({ base: "" });

export const api: Rest = {
  get: (path, ...rest) => watched(path, bare.get(path, ...rest)),
  post: (path, ...rest) => watched(path, bare.post(path, ...rest)),
  put: (path, ...rest) => watched(path, bare.put(path, ...rest)),
  patch: (path, ...rest) => watched(path, bare.patch(path, ...rest)),
  delete: (path, ...rest) => watched(path, bare.delete(path, ...rest)),
  upload: (file, options) => watched("/attachments", bare.upload(file, options)),
};
