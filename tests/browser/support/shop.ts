/** The pages of businesses that carry the widget, from an origin that is not the server's. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What every real site has some of: rules for everything, without asking. */
const HOSTILE_CSS = `
  * { font: 700 40px/3 "Comic Sans MS", fantasy !important; letter-spacing: 9px !important;
      color: red !important; box-sizing: content-box !important; }
  div, section, button, textarea, p, span, svg, li, ol { display: none !important;
      position: static !important; visibility: hidden !important; opacity: .1 !important; }
  switchboard-widget, switchboard-widget * { display: none !important; opacity: 0 !important;
      transform: scale(.1) !important; pointer-events: none !important; }
  :root { --brand: lime; --on-brand: lime; font-size: 50px; }
`;

export type Manner = "plain" | "hostile" | "strict" | "rtl";

interface Order {
  base: string;
  key: string;
  manner: Manner;
}

function page({ base, key, manner }: Order): string {
  const css = manner === "hostile" ? HOSTILE_CSS : "body{font:16px/1.5 serif;margin:40px}";
  const style = manner === "strict" ? "" : `<style>${css}</style>`;
  const lines = Array.from({ length: 12 }, (_, i) => `<p>Paragraph ${i + 1} of the page.</p>`);
  return `<!doctype html><html lang="en" dir="${manner === "rtl" ? "rtl" : "ltr"}"><head><meta charset="utf-8"><title>A shop</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
    ${style}</head>
    <body><h1>A shop</h1><a href="#more">A link</a>${lines.join("")}
    <script async src="${base}/widget.js?key=${key}"></script></body></html>`;
}

/** What `widget/README.md` says a page with a policy has to allow, and nothing else. */
function policy(base: string): string {
  const sockets = base.replace("http", "ws");
  return `default-src 'none'; script-src ${base}; connect-src ${base} ${sockets}; img-src data: ${base}; media-src ${base}; base-uri 'none'; require-trusted-types-for 'script'`;
}

export class Shop {
  readonly #http: Server;
  readonly #base: string;

  private constructor(http: Server, base: string) {
    this.#http = http;
    this.#base = base;
  }

  static async open(base: string): Promise<Shop> {
    const http = createServer((request, answer) => {
      const url = new URL(request.url ?? "/", "http://shop");
      const manner = url.pathname.slice(1) as Manner;
      answer.setHeader("Content-Type", "text/html; charset=utf-8");
      if (manner === "strict") answer.setHeader("Content-Security-Policy", policy(base));
      answer.end(page({ base, key: url.searchParams.get("key") ?? "", manner }));
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return new Shop(http, base);
  }

  get server(): string {
    return this.#base;
  }

  get origin(): string {
    return `http://localhost:${(this.#http.address() as AddressInfo).port}`;
  }

  address(key: string, manner: Manner = "plain"): string {
    return `${this.origin}/${manner}?key=${key}`;
  }

  close(): void {
    this.#http.closeAllConnections();
    this.#http.close();
  }
}
