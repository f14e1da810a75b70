/** `DOMException`, which web APIs throw. */

const CODES: Record<string, number> = {
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  InvalidCharacterError: 5,
  NotFoundError: 8,
  NotSupportedError: 9,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  NetworkError: 19,
  AbortError: 20,
  QuotaExceededError: 22,
  TimeoutError: 23,
  DataCloneError: 25,
};

class DOMException extends Error {
  readonly #name: string;
  constructor(message = "", name = "Error") {
    super(message);
    this.#name = name;
  }
  // Read-only, as on the web; the own property of Error's instances would be writable.
  override get name(): string {
    return this.#name;
  }
  get code(): number {
    return CODES[this.#name] ?? 0;
  }
  get [Symbol.toStringTag](): string {
    return "DOMException";
  }
}

export function installDomException(global: Record<string, unknown>): void {
  global["DOMException"] = DOMException;
}
