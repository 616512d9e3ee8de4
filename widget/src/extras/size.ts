/** "2.5 MB", as the language of `tag` writes it. */
export function sizeIn(tag: string, bytes: number): string {
  const large = bytes >= 1e6;
  return new Intl.NumberFormat(tag, {
    style: "unit",
    unit: large ? "megabyte" : "kilobyte",
    maximumFractionDigits: large ? 1 : 0,
  }).format(large ? bytes / 1e6 : Math.max(1, bytes / 1e3));
}
