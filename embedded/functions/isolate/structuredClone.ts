/**
 * `structuredClone` as V8's serializer does it, which Convex uses (its `crates/isolate/src/ops/structured_clone.rs`): what
 * cannot be cloned is a `TypeError`, and nothing can be transferred.
 */
import { notImplemented } from "./errors.ts";

export function installStructuredClone(global: Record<string, unknown>): void {
  global["structuredClone"] = (value: unknown, options?: unknown) => {
    if (options !== undefined) throw notImplemented("transfer", "structuredClone");
    return clone(value, new Map());
  };
}

/** Reads something that only objects of one class have; throws for others, whatever they inherit from. */
const timeOf = (value: unknown): number => Date.prototype.getTime.call(value as Date);
const isDate = brand(timeOf);
const isMap = brand(getterOf(Map.prototype, "size"));
const isSet = brand(getterOf(Set.prototype, "size"));
const isArrayBuffer = brand(getterOf(ArrayBuffer.prototype, "byteLength"));
const isRegExp = brand((value) => getterOf(RegExp.prototype, "hasIndices")(value) ?? refuse());
const BOXES: readonly { prototype: { valueOf(): unknown } }[] = [Number, String, Boolean, BigInt];
const isWeak = brand((value) => WeakMap.prototype.has.call(value as WeakMap<object, unknown>, {}));
const isWeakSet = brand((value) => WeakSet.prototype.has.call(value as WeakSet<object>, {}));

/** Names of errors that stay; all others become `Error`. */
const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function clone(value: unknown, seen: Map<object, object>): unknown {
  if (typeof value === "function" || typeof value === "symbol") throw notCloneable(value);
  if (typeof value !== "object" || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const remember = <T extends object>(copy: T): T => {
    seen.set(value, copy);
    return copy;
  };

  if (Array.isArray(value)) return copyFields(value, remember(new Array<unknown>(value.length)), seen);
  // Most are plain: asking what else they could be takes time.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return copyFields(value, remember({}), seen);
  if (isDate(value)) return remember(new Date(timeOf(value)));
  if (isRegExp(value)) return remember(new RegExp(value as RegExp));
  if (isArrayBuffer(value)) return remember((value as ArrayBuffer).slice(0));
  if (ArrayBuffer.isView(value)) return remember(cloneView(value, seen));
  if (isMap(value)) {
    const copy = remember(new Map());
    for (const [key, item] of [...(value as Map<unknown, unknown>)])
      copy.set(clone(key, seen), clone(item, seen));
    return copy;
  }
  if (isSet(value)) {
    const copy = remember(new Set());
    for (const item of [...(value as Set<unknown>)]) copy.add(clone(item, seen));
    return copy;
  }
  const boxed = unboxed(value);
  if (boxed !== undefined) return remember(Object(boxed) as object);
  if (value instanceof Error) return cloneError(value, remember, seen);
  if (value instanceof Promise || isWeak(value) || isWeakSet(value) || isGenerator(value))
    throw notCloneable(value);
  return copyFields(value, remember({}), seen);
}

function copyFields(from: object, to: object, seen: Map<object, object>): object {
  for (const key of Object.keys(from)) {
    const copy = clone((from as Record<string, unknown>)[key], seen);
    // `__proto__` is a field like any other.
    Object.defineProperty(to, key, { value: copy, writable: true, enumerable: true, configurable: true });
  }
  return to;
}

/** Views of one buffer stay views of one buffer. */
function cloneView(view: ArrayBufferView, seen: Map<object, object>): ArrayBufferView {
  const buffer = clone(view.buffer, seen) as ArrayBuffer;
  if (view instanceof DataView) return new DataView(buffer, view.byteOffset, view.byteLength);
  const array = view as Uint8Array;
  const tag = getterOf(Object.getPrototypeOf(Uint8Array.prototype) as object, Symbol.toStringTag)(array);
  const View = (globalThis as unknown as Record<string, Uint8ArrayConstructor>)[tag as string];
  if (View === undefined) throw notCloneable(view);
  return new View(buffer, array.byteOffset, array.length);
}

function cloneError(
  error: Error,
  remember: <T extends object>(copy: T) => T,
  seen: Map<object, object>,
): Error {
  const { name, message, stack } = error;
  const ErrorClass = Object.hasOwn(ERRORS, name) ? ERRORS[name as keyof typeof ERRORS] : Error;
  const copy = remember(new ErrorClass());
  // The stack is that of the original.
  if (Object.hasOwn(error, "message")) define(copy, "message", message);
  if (typeof stack === "string") define(copy, "stack", stack);
  if (Object.hasOwn(error, "cause")) define(copy, "cause", clone(error.cause, seen));
  return copy;
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

function unboxed(value: object): unknown {
  for (const { prototype } of BOXES) {
    try {
      return prototype.valueOf.call(value);
    } catch {
      // Not of this class.
    }
  }
  if (brand((symbol) => Symbol.prototype.valueOf.call(symbol))(value)) throw notCloneable(value);
  return undefined;
}

function isGenerator(value: object): boolean {
  return /^\[object (Async)?(Generator|(Map|Set|Array|String|RegExp String) Iterator)\]$/.test(tagOf(value));
}

function brand(read: (value: unknown) => unknown): (value: object) => boolean {
  return (value) => {
    try {
      read(value);
      return true;
    } catch {
      return false;
    }
  };
}

function refuse(): never {
  throw new TypeError("Not of this class");
}

/** What reads `name` of any value, as `prototype` would have it. */
function getterOf(prototype: object, name: PropertyKey): (value: unknown) => unknown {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  return (value) => descriptor?.get?.call(value) as unknown;
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value);
}

function notCloneable(value: unknown): TypeError {
  const name =
    typeof value === "object" && value !== null
      ? `#<${tagOf(value).slice("[object ".length, -1)}>`
      : String(value);
  return new TypeError(`${name} could not be cloned.`);
}
