/** `URL`, parsed outside, and `URLSearchParams`. */
import type { IsolateHost, UrlParts } from "./host.ts";

type Pair = [name: string, value: string];

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

class URLSearchParams {
  #pairs: Pair[] = [];
  #changed: (() => void) | null = null;

  constructor(init: unknown = "") {
    if (typeof init === "object" && init !== null) {
      const entries = (
        Symbol.iterator in init ? [...(init as Iterable<unknown>)] : Object.entries(init)
      ) as Iterable<unknown>[];
      this.#pairs = entries.map((entry) => {
        const [name, value, ...rest] = [...entry];
        if (name === undefined || value === undefined || rest.length > 0) {
          throw new TypeError("Each query pair must be [name, value].");
        }
        return [textOf(name), textOf(value)];
      });
    } else {
      this.#parse(String(init));
    }
  }

  /** For `URL` only: replaces the pairs and says whom to tell when they change. */
  static bind(params: URLSearchParams, query: string, changed: () => void): void {
    params.#changed = changed;
    params.#parse(query);
  }

  get size(): number {
    return this.#pairs.length;
  }
  append(name: unknown, value: unknown): void {
    this.#pairs.push([String(name), String(value)]);
    this.#changed?.();
  }
  delete(name: unknown, value?: unknown): void {
    const isMatch = matcherOf(name, value);
    this.#pairs = this.#pairs.filter((pair) => !isMatch(pair));
    this.#changed?.();
  }
  get(name: unknown): string | null {
    return this.#pairs.find(matcherOf(name))?.[1] ?? null;
  }
  getAll(name: unknown): string[] {
    return this.#pairs.filter(matcherOf(name)).map((pair) => pair[1]);
  }
  has(name: unknown, value?: unknown): boolean {
    return this.#pairs.some(matcherOf(name, value));
  }
  set(name: unknown, value: unknown): void {
    const key = String(name);
    const first = this.#pairs.find((pair) => pair[0] === key);
    if (first === undefined) {
      this.#pairs.push([key, String(value)]);
    } else {
      first[1] = String(value);
      this.#pairs = this.#pairs.filter((pair) => pair === first || pair[0] !== key);
    }
    this.#changed?.();
  }
  sort(): void {
    this.#pairs.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
    this.#changed?.();
  }
  forEach(callback: (value: string, name: string, params: this) => void, self?: unknown): void {
    for (const [name, value] of this.#pairs) callback.call(self, value, name, this);
  }
  *keys(): Generator<string> {
    for (const [name] of this.#pairs) yield name;
  }
  *values(): Generator<string> {
    for (const [, value] of this.#pairs) yield value;
  }
  *entries(): Generator<Pair> {
    for (const [name, value] of this.#pairs) yield [name, value];
  }
  [Symbol.iterator](): Generator<Pair> {
    return this.entries();
  }
  toString(): string {
    return this.#pairs.map((pair) => pair.map(encodeFormComponent).join("=")).join("&");
  }
  get [Symbol.toStringTag](): string {
    return "URLSearchParams";
  }

  #parse(query: string): void {
    this.#pairs = query
      .replace(/^\?/, "")
      .split("&")
      .filter((part) => part !== "")
      .map((part) => {
        const equals = part.indexOf("=");
        const name = equals === -1 ? part : part.slice(0, equals);
        return [decodeFormComponent(name), equals === -1 ? "" : decodeFormComponent(part.slice(equals + 1))];
      });
  }
}

/** What WebIDL makes of anything where it wants text; `String` alone would take a symbol. */
function textOf(value: unknown): string {
  if (typeof value === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
  return String(value);
}

/** Names and values may be given as anything, and count as text. */
function matcherOf(name: unknown, value?: unknown): (pair: Pair) => boolean {
  const wantedName = textOf(name);
  const wantedValue = value === undefined ? null : textOf(value);
  return (pair) => pair[0] === wantedName && (wantedValue === null || pair[1] === wantedValue);
}

export function installUrl(global: Record<string, unknown>, host: IsolateHost): void {
  class URL {
    #parts: UrlParts;
    readonly searchParams = new URLSearchParams();

    constructor(url: unknown, base?: string | URL) {
      const text = host.parseUrl(String(url), base === undefined ? null : String(base));
      if (text === null) throw new TypeError(`Invalid URL: '${String(url)}'`);
      this.#parts = JSON.parse(text) as UrlParts;
      this.#bindParams();
    }

    static canParse(url: unknown, base?: string | URL): boolean {
      return host.parseUrl(String(url), base === undefined ? null : String(base)) !== null;
    }
    static parse(url: unknown, base?: string | URL): URL | null {
      return URL.canParse(url, base) ? new URL(url, base) : null;
    }

    /** For the accessors below. */
    static part(url: URL, name: keyof UrlParts): string {
      return url.#parts[name];
    }
    static change(url: URL, name: keyof UrlParts, value: string): void {
      const text = host.changeUrl(url.#parts.href, name, value);
      if (text === "") throw new TypeError(`Invalid URL: '${value}'`);
      url.#parts = JSON.parse(text) as UrlParts;
      if (name === "href" || name === "search") url.#bindParams();
    }

    #bindParams(): void {
      URLSearchParams.bind(this.searchParams, this.#parts.search, () => {
        const query = this.searchParams.toString();
        this.#parts = JSON.parse(host.changeUrl(this.#parts.href, "search", query)) as UrlParts;
      });
    }
    toString(): string {
      return this.#parts.href;
    }
    toJSON(): string {
      return this.#parts.href;
    }
    get [Symbol.toStringTag](): string {
      return "URL";
    }
  }

  const changeable = ["href", "protocol", "username", "password", "host", "hostname", "port"] as const;
  for (const name of [...changeable, "pathname", "search", "hash", "origin"] as const) {
    Object.defineProperty(URL.prototype, name, {
      get(this: URL) {
        return URL.part(this, name);
      },
      ...(name === "origin"
        ? {}
        : {
            set(this: URL, value: unknown) {
              URL.change(this, name, String(value));
            },
          }),
      enumerable: true,
      configurable: true,
    });
  }
  Object.assign(global, { URL, URLSearchParams });
}

/** `application/x-www-form-urlencoded`. */
function encodeFormComponent(text: string): string {
  return encodeURIComponent(text.replace(LONE_SURROGATE, "\ufffd"))
    .replace(/%20/g, "+")
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decodeFormComponent(text: string): string {
  const spaced = text.replace(/\+/g, " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    // A stray percent sign or bytes that are no UTF-8: decode what can be.
    return spaced.replace(/(%[0-9a-f]{2})+/gi, (run) => {
      const bytes = run
        .slice(1)
        .split("%")
        .map((hex) => parseInt(hex, 16));
      return new TextDecoder().decode(Uint8Array.from(bytes));
    });
  }
}
