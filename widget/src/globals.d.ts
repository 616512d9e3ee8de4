/** Style sheets arrive as minified text, for `adoptedStyleSheets`. */
declare module "*.css" {
  const text: string;
  export default text;
}

/** File names of the compiled locales, by language. Put in by `build.mjs`. */
declare const LOCALES: Record<string, string>;

/** File name of the second part of the app. */
declare const EXTRAS: string;
