/** The address bar as state. Links inside the console change it without loading the page anew. */
import { BASE, parse, print, type Route } from "./routes.ts";

class Router {
  route = $state.raw<Route>(parse(location.pathname, location.search));

  constructor() {
    addEventListener("popstate", () => this.#read());
    addEventListener("click", (event) => this.#followLink(event));
  }

  go(to: Route, options: { replace?: boolean } = {}): void {
    const address = print(to);
    if (address === location.pathname + location.search) return;
    if (options.replace) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    this.#read();
  }

  #read(): void {
    this.route = parse(location.pathname, location.search);
  }

  #followLink(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target || link.hasAttribute("download")) return;
    const url = new URL(link.href, location.href);
    if (url.origin !== location.origin || !`${url.pathname}/`.startsWith(`${BASE}/`)) return;
    event.preventDefault();
    this.go(parse(url.pathname, url.search));
  }
}

export const router = new Router();
