/** What a leaf may hold: strings, booleans and safe integers, one level deep. */
export type LeafFields = Readonly<Record<string, string | number | boolean>>;

/**
 * RFC 8785 canonical JSON of a flat object: keys sorted by UTF-16 code units, no white space. Refuses numbers that are not
 * safe integers, because their text could differ between writers.
 */
export function canonicalJson(fields: LeafFields): string {
  const members = Object.keys(fields)
    .sort()
    .map((key) => {
      const value = fields[key];
      if (typeof value === 'number' && !Number.isSafeInteger(value)) {
        throw new Error(`field ${key} of a leaf is not a safe integer`);
      }
      return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
    });
  return `{${members.join(',')}}`;
}
