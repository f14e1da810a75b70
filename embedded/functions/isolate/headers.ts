/**
 * `Headers` as in Convex's `npm-packages/udf-runtime/src/20_headers.ts`, which is not the standard's in all: fields are
 * gone through in the order in which they came, each by itself, `set` puts its field last, and values are taken as they are.
 */

type Field = [name: string, value: string];

const NAME = /^[\w!#$%&'*+\-.^`|~]+$/;

export class Headers {
  #fields: Field[] = [];

  constructor(init?: unknown) {
    if (Array.isArray(init)) {
      for (const pair of init as ArrayLike<unknown>[]) {
        if (pair.length !== 2) throw new TypeError("Failed to construct 'Headers': Invalid value");
        this.append(pair[0], pair[1]);
      }
    } else if (init instanceof Headers) {
      this.#fields = init.#fields.map(([name, value]) => [name, value]);
    } else {
      for (const name in init as object) this.append(name, (init as Record<string, unknown>)[name]);
    }
  }
  append(name: unknown, value: unknown): void {
    this.#fields.push([normalize(name, "append"), String(value)]);
  }
  set(name: unknown, value: unknown): void {
    const key = normalize(name, "set");
    this.#fields = [...this.#fields.filter((field) => field[0] !== key), [key, String(value)]];
  }
  get(name: unknown): string | null {
    const values = this.#valuesOf(normalize(name, "get"));
    return values.length === 0 ? null : values.join(", ");
  }
  getSetCookie(): string[] {
    return this.#valuesOf("set-cookie");
  }
  has(name: unknown): boolean {
    const key = normalize(name, "has");
    return this.#fields.some((field) => field[0] === key);
  }
  delete(name: unknown): void {
    const key = normalize(name, "delete");
    this.#fields = this.#fields.filter((field) => field[0] !== key);
  }
  forEach(callback: (value: string, name: string, headers: this) => void): void {
    for (const [name, value] of this.#fields) callback(value, name, this);
  }
  entries(): IterableIterator<Field> {
    return this.#fields.map(([name, value]): Field => [name, value])[Symbol.iterator]();
  }
  keys(): IterableIterator<string> {
    return this.#fields.map(([name]) => name)[Symbol.iterator]();
  }
  values(): IterableIterator<string> {
    return this.#fields.map(([, value]) => value)[Symbol.iterator]();
  }
  [Symbol.iterator](): IterableIterator<Field> {
    return this.entries();
  }
  get [Symbol.toStringTag](): string {
    return "Headers";
  }
  #valuesOf(key: string): string[] {
    return this.#fields.filter((field) => field[0] === key).map(([, value]) => value);
  }
}

function normalize(name: unknown, method: string): string {
  const text = String(name);
  if (!NAME.test(text)) throw new TypeError(`Failed to execute '${method}' on 'Headers': Invalid name`);
  return text.toLowerCase();
}
