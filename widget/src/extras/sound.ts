/** The short sound of an incoming message: two soft notes, made on the spot. */

/** A sound that the browser held back longer than this is no news any more. */
const STALE_MS = 600;

let context: AudioContext | null = null;

/** Silent where the browser wants a gesture first; never throws. */
export function chime(): void {
  try {
    context ??= new AudioContext();
    const audio = context;
    const asked = Date.now();
    audio
      .resume()
      .then(() => Date.now() - asked < STALE_MS && play(audio))
      .catch(() => {});
  } catch {
    // No audio here.
  }
}

function play(audio: AudioContext): void {
  for (const [delay, pitch] of [
    [0, 659.25],
    [0.11, 987.77],
  ] as const) {
    const at = audio.currentTime + delay;
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.12, at + 0.012);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.4);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.45);
  }
}
