// A stand-in for Facebook's SDK, as far as Embedded Signup uses it. It refuses what the documentation
// does not allow, and calls back once: with a code, or without when the window was closed.
(() => {
  const BASE = "{base}";
  let app = null;

  function init(options) {
    if (!options?.appId || !options.version) {
      throw new Error("FB.init needs appId and version");
    }
    app = options;
  }

  function login(callback, options) {
    if (!app) throw new Error("FB.login() called before FB.init().");
    if (typeof callback !== "function") throw new Error("FB.login needs a function");
    const ask = new URLSearchParams({ client_id: app.appId, origin: location.origin });
    for (const [name, value] of Object.entries(options ?? {})) {
      ask.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
    }
    const popup = open(
      `${BASE}/graph/${app.version}/dialog/oauth?${ask}`,
      "",
      "width=620,height=720",
    );
    let watch = 0;
    const end = (authResponse) => {
      clearInterval(watch);
      removeEventListener("message", take);
      callback({ authResponse, status: authResponse ? "connected" : "unknown" });
    };
    const take = (event) => {
      if (event.source !== popup || event.origin !== BASE) return;
      if (event.data?.sandbox === "code") end({ code: event.data.code, expiresIn: null });
    };
    if (!popup) {
      end(null);
      return;
    }
    addEventListener("message", take);
    watch = setInterval(() => {
      if (popup.closed) end(null);
    }, 200);
  }

  window.FB = { init, login };
  window.fbAsyncInit?.();
})();
