/** `URL`, parsed outside, and `URLSearchParams`. */
import { notImplemented } from "./errors.ts";
import type { IsolateHost, UrlParts } from "./host.ts";

type Pair = [name: string, value: string];

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * As in Convex's `npm-packages/udf-runtime/src/00_url.ts`, which is not the standard's in all: `delete` and `has` look at names only,
 * `set` puts the pair last, `sort` sorts as people do, iterables other than arrays count as objects, and there is no `size`.
 */
class URLSearchParams {
  #pairs: Pair[] = [];
  #changed: (() => void) | null = null;

  constructor(init?: unknown) {
    if (typeof init === "string") this.#parse(init);
    else if (init instanceof URLSearchParams) this.#pairs = init.#pairs.map(([name, value]) => [name, value]);
    else if (Array.isArray(init)) this.#pairs = init.map(toPair);
    // Also inherited ones; none of what is no object.
    else for (const name in init as object) this.append(name, (init as Record<string, unknown>)[name]);
  }

  /** For `URL` only: replaces the pairs and says whom to tell when they change. */
  static bind(params: URLSearchParams, query: string, changed: () => void): void {
    params.#changed = changed;
    params.#parse(query);
  }

  append(name: unknown, value: unknown): void {
    this.#pairs.push([String(name), String(value)]);
    this.#changed?.();
  }
  delete(name: unknown): void {
    this.#pairs = this.#pairs.filter(([key]) => key !== String(name));
    this.#changed?.();
  }
  get(name: unknown): string | null {
    return this.getAll(name)[0] ?? null;
  }
  getAll(name: unknown): string[] {
    return this.#pairs.filter(([key]) => key === String(name)).map(([, value]) => value);
  }
  has(name: unknown): boolean {
    return this.#pairs.some(([key]) => key === String(name));
  }
  set(name: unknown, value: unknown): void {
    const key = String(name);
    this.#pairs = [...this.#pairs.filter((pair) => pair[0] !== key), [key, String(value)]];
    this.#changed?.();
  }
  sort(): void {
    this.#pairs.sort(([left], [right]) => left.localeCompare(right));
    this.#changed?.();
  }
  forEach(callback: (value: string, name: string, params: this) => void): void {
    for (const [name, value] of this.#pairs) callback(value, name, this);
  }
  keys(): IterableIterator<string> {
    return this.#pairs.map(([name]) => name)[Symbol.iterator]();
  }
  values(): IterableIterator<string> {
    return this.#pairs.map(([, value]) => value)[Symbol.iterator]();
  }
  entries(): IterableIterator<Pair> {
    return this.#pairs.map(([name, value]): Pair => [name, value])[Symbol.iterator]();
  }
  [Symbol.iterator](): IterableIterator<Pair> {
    return this.entries();
  }
  toString(): string {
    return this.#pairs.map((pair) => pair.map(encodeFormComponent).join("=")).join("&");
  }
  toJSON(): object {
    return {};
  }
  get [Symbol.toStringTag](): string {
    return "URLSearchParams";
  }

  #parse(query: string): void {
    this.#pairs = query
      .replace(/^\?/, "")
      .replace(LONE_SURROGATE, "\ufffd")
      .split("&")
      .filter((part) => part !== "")
      .map((part) => {
        const equals = part.indexOf("=");
        const name = equals === -1 ? part : part.slice(0, equals);
        return [decodeFormComponent(name), equals === -1 ? "" : decodeFormComponent(part.slice(equals + 1))];
      });
  }
}

function toPair(given: unknown): Pair {
  const pair = given as ArrayLike<unknown>;
  if (pair.length !== 2) {
    throw new TypeError(
      "Failed to construct 'URLSearchParams': Sequence initializer must only contain pair elements",
    );
  }
  return [String(pair[0]), String(pair[1])];
}

const CHANGEABLE = ["href", "protocol", "hostname", "port", "pathname", "search", "hash"] as const;
/** Parts that Convex's `URL` does not let be set. */
const NOT_CHANGEABLE = ["host", "username", "password"] as const;

export function installUrl(global: Record<string, unknown>, host: IsolateHost): void {
  class URL {
    #parts: UrlParts;
    readonly #params = new URLSearchParams();

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
      URLSearchParams.bind(this.#params, this.#parts.search, () => {
        const query = this.#params.toString();
        this.#parts = JSON.parse(host.changeUrl(this.#parts.href, "search", query)) as UrlParts;
      });
    }
    get searchParams(): URLSearchParams {
      return this.#params;
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

  for (const name of [...CHANGEABLE, ...NOT_CHANGEABLE, "origin"] as const) {
    Object.defineProperty(URL.prototype, name, {
      get(this: URL) {
        return URL.part(this, name);
      },
      ...(name !== "origin" && {
        set(this: URL, value: unknown) {
          if (NOT_CHANGEABLE.some((part) => part === name)) throw notImplemented(`set ${name}`, "URL");
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
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
    });
  }
}
