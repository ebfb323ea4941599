/** What was made of the texts of a row, made again only when they are others than last time. */
export interface RowMemory<T> {
  /** Begins with the first row of a document. */
  open(): (said: readonly string[]) => T;
}

interface Known<T> {
  readonly said: readonly string[];
  readonly made: T;
}

/** So many rows are remembered: what they cost is bounded, however long a document may be. */
const maxRows = 10_000;

/**
 * Remembers by the place of a row in its document: an app that is asked again mostly has the same
 * rows in the same order, and comparing texts is cheaper than escaping and joining them.
 */
export function createRowMemory<T>(make: (said: readonly string[]) => T): RowMemory<T> {
  const rows: Known<T>[] = [];
  return {
    open() {
      let place = 0;
      return (said) => {
        const at = place++;
        const known = rows[at];
        if (known !== undefined && alike(known.said, said)) return known.made;
        const made = make(said);
        if (at < maxRows) rows[at] = { said: [...said], made };
        return made;
      };
    },
  };
}

function alike(known: readonly string[], said: readonly string[]): boolean {
  for (let at = 0; at < said.length; at++) {
    if (known[at] !== said[at]) return false;
  }
  return true;
}
