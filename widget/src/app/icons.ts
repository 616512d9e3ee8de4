/** Icons as SVG paths on a square of 24, drawn as lines. */

export const CLOSE = "M6 6l12 12M18 6L6 18";
export const SEND = "M12 19V5M5.5 11.5 12 5l6.5 6.5";
export const ATTACH =
  "m20.5 11.5-8.6 8.6a5.5 5.5 0 0 1-7.8-7.8l8.6-8.6a3.7 3.7 0 0 1 5.2 5.2l-8.6 8.5a1.8 1.8 0 0 1-2.6-2.5l8-7.9";
export const SMILE =
  "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.6v.1M15 9.6v.1";
export const SOUND = "M11 5 6.5 9H3v6h3.5L11 19V5ZM15 9.5a3.5 3.5 0 0 1 0 5M17.8 7a7 7 0 0 1 0 10";
export const MUTED = "M11 5 6.5 9H3v6h3.5L11 19V5ZM16 9.5l5 5M21 9.5l-5 5";
export const MORE = "M5 12h.01M12 12h.01M19 12h.01";
export const REPLY = "M9 15 4 10l5-5M4 10h9a7 7 0 0 1 7 7v2";
export const EDIT = "M4 20l4.2-1L19 8.2a2 2 0 0 0-3-3L5 16l-1 4ZM14 7l3 3";
export const BIN = "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5";
export const COPY = "M9 9h11v11H9zM15 9V4H4v11h5";
export const DOWN = "M12 5v14M5.5 12.5 12 19l6.5-6.5";
export const FILE = "M14 3H6v18h12V7l-4-4ZM14 3v4h4M9 12h6M9 16h6";
export const CLOCK = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3 2";
export const ALERT = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7.5v5.5M12 16.4v.1";
export const SENT = "m5 12.5 4.5 4.5L19 7.5";
export const DOUBLE = "m2 12.5 4.5 4.5L16 7.5M11.5 16l1 1L22 7.5";
export const NEXT = "m9 5 7 7-7 7";
export const RETRY = "M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5";
export const DOWNLOAD = "M12 4v11M7 10.5l5 5 5-5M5 20h14";
