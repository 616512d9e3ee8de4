/** Short words at the edge of the screen that go by themselves. */

export interface Toast {
  id: number;
  words: string;
  tone: "good" | "bad" | "plain";
  action?: { label: string; run: () => void };
}

class Toasts {
  all = $state.raw<readonly Toast[]>([]);
  #last = 0;

  show(words: string, tone: Toast["tone"] = "plain", action?: Toast["action"]): void {
    const id = ++this.#last;
    const toast: Toast = action ? { id, words, tone, action } : { id, words, tone };
    this.all = [...this.all.slice(-2), toast];
    setTimeout(() => this.dismiss(id), tone === "bad" ? 8_000 : 5_000);
  }

  dismiss(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
