/** The values of filter fields, by slot, as numbers: equal for equal values. */
export class FilterColumns {
  readonly #columns: number[][];
  /** Each value that a slot has now: its number, and how often it is there. */
  readonly #values = new Map<string, { number: number; uses: number }>();
  readonly #names = new Map<number, string>();
  #nextNumber = 1;

  constructor(fields: number) {
    this.#columns = Array.from({ length: fields }, () => []);
  }

  set(slot: number, values: readonly string[]): void {
    for (const [field, column] of this.#columns.entries()) {
      this.#release(column[slot]);
      column[slot] = this.#use(values[field] as string);
    }
  }

  clear(slot: number): void {
    for (const column of this.#columns) {
      this.#release(column[slot]);
      column[slot] = 0;
    }
  }

  /** Which slots have, in one of the fields, one of the values asked for. */
  matcher(filters: readonly VectorFilter[]): (slot: number) => boolean {
    const wanted = filters.map(({ field, values }) => {
      const column = this.#columns[field] as number[];
      // A value that no document has is looked for under a number that none has.
      const numbers = new Set(values.map((value) => this.#values.get(value)?.number ?? -1));
      return { column, numbers };
    });
    const [only] = wanted;
    if (only !== undefined && wanted.length === 1 && only.numbers.size === 1) {
      const { column } = only;
      const [number] = only.numbers;
      return (slot) => column[slot] === number;
    }
    return (slot) => wanted.some(({ column, numbers }) => numbers.has(column[slot] as number));
  }

  #use(value: string): number {
    let known = this.#values.get(value);
    if (known === undefined) {
      known = { number: this.#nextNumber++, uses: 0 };
      this.#values.set(value, known);
      this.#names.set(known.number, value);
    }
    known.uses++;
    return known.number;
  }

  #release(number = 0): void {
    const value = this.#names.get(number);
    const known = value === undefined ? undefined : this.#values.get(value);
    if (value === undefined || known === undefined || --known.uses > 0) return;
    this.#values.delete(value);
    this.#names.delete(number);
  }
}

/** One of several values in a filter field, which is given by its place in the index. */
export type VectorFilter = { field: number; values: readonly string[] };
