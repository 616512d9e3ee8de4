export type Table = Record<string, string | Record<string, string>>;
export function readLocales(): Record<string, Table>;
export function missingKeys(reference: object, table: object): string[];
