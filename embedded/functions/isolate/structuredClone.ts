/** `structuredClone` for the values that exist in this runtime. */

export function installStructuredClone(global: Record<string, unknown>): void {
  global["structuredClone"] = (value: unknown) => clone(value, new Map());
}

function clone(value: unknown, seen: Map<object, object>): unknown {
  if (typeof value === "function" || typeof value === "symbol") throw notCloneable(value);
  if (typeof value !== "object" || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const remember = <T extends object>(copy: T): T => {
    seen.set(value, copy);
    return copy;
  };

  if (value instanceof Date) return remember(new Date(value.getTime()));
  if (value instanceof RegExp) return remember(new RegExp(value.source, value.flags));
  if (value instanceof ArrayBuffer) return remember(value.slice(0));
  if (ArrayBuffer.isView(value)) {
    const buffer = clone(value.buffer, seen) as ArrayBuffer;
    if (value instanceof DataView) return remember(new DataView(buffer, value.byteOffset, value.byteLength));
    const array = value as Uint8Array;
    const View = array.constructor as Uint8ArrayConstructor;
    return remember(new View(buffer, array.byteOffset, array.length));
  }
  if (value instanceof Number || value instanceof String || value instanceof Boolean) {
    return remember(Object(value.valueOf()) as object);
  }
  if (value instanceof Map) {
    const copy = remember(new Map());
    for (const [key, item] of value) copy.set(clone(key, seen), clone(item, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = remember(new Set());
    for (const item of value) copy.add(clone(item, seen));
    return copy;
  }
  if (value instanceof Error) {
    const copy = remember(new Error(value.message));
    copy.name = value.name;
    if ("cause" in value) copy.cause = clone(value.cause, seen);
    return copy;
  }
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet)
    throw notCloneable(value);
  const copy = remember(Array.isArray(value) ? (new Array(value.length) as unknown[]) : {});
  for (const key of Object.keys(value)) {
    (copy as Record<string, unknown>)[key] = clone((value as Record<string, unknown>)[key], seen);
  }
  return copy;
}

function notCloneable(value: unknown): DOMException {
  return new DOMException(`${String(value)} could not be cloned.`, "DataCloneError");
}
