/** A table on the page for people. */
export interface StatusSection {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** Said in place of the table when there are no rows. */
  readonly empty?: string;
}
