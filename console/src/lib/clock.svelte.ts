/** The time of day as state, coarse enough for "4m": read it and be updated. */

class Clock {
  now = $state(Date.now());

  constructor() {
    const tick = () => {
      this.now = Date.now();
    };
    setInterval(() => {
      if (!document.hidden) tick();
    }, 15_000);
    document.addEventListener("visibilitychange", tick);
  }
}

export const time = new Clock();
