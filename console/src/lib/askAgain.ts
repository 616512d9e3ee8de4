/**
 * Calls `ask` every `every` ms, and at once when the network is back; until what this answers is
 * called. What an effect does while something has not been answered.
 */
export function askAgain(ask: () => unknown, every: number): () => void {
  const call = () => void ask();
  const timer = setInterval(call, every);
  addEventListener("online", call);
  return () => {
    clearInterval(timer);
    removeEventListener("online", call);
  };
}
