/** `DOMException`, which web APIs throw. */

/** Names of constants by their code, from 1 on, with the names of errors that have the code. */
const CONSTANTS: readonly (readonly [constant: string, name?: string])[] = [
  ["INDEX_SIZE_ERR", "IndexSizeError"],
  ["DOMSTRING_SIZE_ERR"],
  ["HIERARCHY_REQUEST_ERR", "HierarchyRequestError"],
  ["WRONG_DOCUMENT_ERR", "WrongDocumentError"],
  ["INVALID_CHARACTER_ERR", "InvalidCharacterError"],
  ["NO_DATA_ALLOWED_ERR"],
  ["NO_MODIFICATION_ALLOWED_ERR", "NoModificationAllowedError"],
  ["NOT_FOUND_ERR", "NotFoundError"],
  ["NOT_SUPPORTED_ERR", "NotSupportedError"],
  ["INUSE_ATTRIBUTE_ERR", "InUseAttributeError"],
  ["INVALID_STATE_ERR", "InvalidStateError"],
  ["SYNTAX_ERR", "SyntaxError"],
  ["INVALID_MODIFICATION_ERR", "InvalidModificationError"],
  ["NAMESPACE_ERR", "NamespaceError"],
  ["INVALID_ACCESS_ERR", "InvalidAccessError"],
  ["VALIDATION_ERR"],
  ["TYPE_MISMATCH_ERR", "TypeMismatchError"],
  ["SECURITY_ERR", "SecurityError"],
  ["NETWORK_ERR", "NetworkError"],
  ["ABORT_ERR", "AbortError"],
  ["URL_MISMATCH_ERR", "URLMismatchError"],
  ["QUOTA_EXCEEDED_ERR", "QuotaExceededError"],
  ["TIMEOUT_ERR", "TimeoutError"],
  ["INVALID_NODE_TYPE_ERR", "InvalidNodeTypeError"],
  ["DATA_CLONE_ERR", "DataCloneError"],
];

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
    return CONSTANTS.findIndex(([, name]) => name === this.#name) + 1;
  }
  get [Symbol.toStringTag](): string {
    return "DOMException";
  }
}

export function installDomException(global: Record<string, unknown>): void {
  CONSTANTS.forEach(([constant], place) => {
    const descriptor = { value: place + 1, enumerable: true };
    Object.defineProperty(DOMException, constant, descriptor);
    Object.defineProperty(DOMException.prototype, constant, descriptor);
  });
  global["DOMException"] = DOMException;
}
