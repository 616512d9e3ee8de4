/** Meta's script: how it is loaded, and how it opens the window. */
import type { EmbeddedSignup } from "@switchboard/wire";

interface LoginAnswer {
  authResponse?: { code?: string } | null;
}

interface Sdk {
  init(options: {
    appId: string;
    version: string;
    autoLogAppEvents: boolean;
    xfbml: boolean;
  }): void;
  login(callback: (answer: LoginAnswer) => void, options: Record<string, unknown>): void;
}

declare global {
  interface Window {
    FB?: Sdk;
    /** What the script calls once all of it is there: it loads the rest of itself. */
    fbAsyncInit?: () => void;
  }
}

/** Beyond it the script counts as held back by a blocker or a network. */
const LOADED_WITHIN = 20_000;

/** Loads the script and says whose window it shall open. Fails when it does not come. */
export async function load(about: EmbeddedSignup): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const script = document.createElement("script");
    const timer = setTimeout(() => reject(new Error("the script does not come")), LOADED_WITHIN);
    script.src = about.sdk_url;
    script.crossOrigin = "anonymous";
    window.fbAsyncInit = () => {
      clearTimeout(timer);
      resolve();
    };
    script.onerror = () => {
      clearTimeout(timer);
      script.remove();
      reject(new Error("the script cannot be loaded"));
    };
    document.head.append(script);
  });
  if (!window.FB) throw new Error("the script is not what it was");
  const { app_id: appId, graph_version: version } = about;
  window.FB.init({ appId, version, autoLogAppEvents: false, xfbml: false });
}

/**
 * Opens the window, which a browser allows upon a press alone. The code, or none, comes once.
 * `onPhone`: for a number that stays in the WhatsApp Business app, for which the window differs.
 */
export function open(
  about: EmbeddedSignup,
  onPhone: boolean,
  onCode: (code: string | null) => void,
): void {
  const featureType = onPhone ? "whatsapp_business_app_onboarding" : "";
  window.FB?.login((answer) => onCode(answer.authResponse?.code ?? null), {
    config_id: about.config_id,
    response_type: "code",
    override_default_response_type: true,
    extras: { setup: {}, featureType, sessionInfoVersion: "3" },
  });
}
