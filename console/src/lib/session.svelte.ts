/** Who is signed in, and how one comes to be. */
import {
  type AcceptInvitation,
  type Me,
  ProblemError,
  type ResetPassword,
  type SignIn,
  type SignUp,
} from "@switchboard/wire";
import { api, onSignedOut } from "./api.ts";
import { router } from "./router.svelte.ts";
import { folder, isOpenToAnyone, type Route } from "./routes.ts";

type Phase = "asking" | "unreachable" | "out" | "in";
/** Why the sign-in page is shown to someone who was at work. */
export type Farewell = "expired" | "elsewhere" | null;

class Session {
  phase = $state<Phase>("asking");
  me = $state.raw<Me | null>(null);
  farewell = $state<Farewell>(null);
  #returnTo: Route | null = null;

  constructor() {
    onSignedOut(() => this.end("expired"));
  }

  /** Asks the server who we are; the cookie speaks for us. */
  async start(): Promise<void> {
    this.phase = "asking";
    await this.retry();
  }

  /** Asks again without a word on the screen. */
  async retry(): Promise<void> {
    try {
      this.#enter(await api.get<Me>("/me"), false);
    } catch (error) {
      if (error instanceof ProblemError && error.code === "unauthenticated") this.end(null);
      else this.phase = "unreachable";
    }
  }

  async signIn(form: SignIn): Promise<void> {
    this.#enter(await api.post<Me>("/sign-in", form), true);
  }

  async signUp(form: SignUp): Promise<void> {
    this.#enter(await api.post<Me>("/sign-up", form), true);
  }

  async accept(form: AcceptInvitation): Promise<void> {
    this.#enter(await api.post<Me>("/invitations/accept", form), true);
  }

  async resetPassword(form: ResetPassword): Promise<void> {
    this.#enter(await api.post<Me>("/password-reset", form), true);
  }

  async switchTo(workspace: string): Promise<void> {
    const me = await api.post<Me>("/switch", { workspace });
    this.#returnTo = null;
    router.go(folder("open"));
    this.#enter(me, false);
  }

  async signOut(): Promise<void> {
    await api.post("/sign-out");
    this.end(null);
  }

  async signOutEverywhere(): Promise<void> {
    await api.post("/sign-out-everywhere");
    this.end(null);
  }

  /** Takes a change of ours, such as a new name, that the server has confirmed. */
  update(me: Me): void {
    this.me = me;
  }

  /** Nobody is signed in any more; after signing in we return to where we were. */
  end(why: Farewell): void {
    const route = router.route;
    this.#returnTo = why !== null || this.phase === "asking" ? route : null;
    this.phase = "out";
    this.me = null;
    this.farewell = why;
    if (!isOpenToAnyone(route)) router.go({ name: "sign-in" }, { replace: true });
  }

  #enter(me: Me, signedInNow: boolean): void {
    this.me = me;
    this.phase = "in";
    this.farewell = null;
    const here = router.route;
    if (signedInNow || here.name === "sign-in" || here.name === "sign-up") {
      const back = this.#returnTo;
      const target = back && !isOpenToAnyone(back) ? back : folder("open");
      router.go(target, { replace: true });
    }
    this.#returnTo = null;
  }
}

export const session = new Session();
