/**
 * Values as text in log lines, in the form that Convex prints them (that of the `object-inspect` package with an
 * indent of 2, which Convex's runtime uses). Actions use it too, from outside of their contexts: a value's kind is
 * told by its tag, because each context has classes of its own.
 */

/** Deeper objects are shown as `[Object]`. */
const MAX_DEPTH = 5;
/** UTF-16 code units. A log line cannot be longer, so neither need a string in it be. */
const MAX_STRING_LENGTH = 32_768;
const INDENT = "  ";
const ESCAPES: Record<number, string> = { 8: "b", 9: "t", 10: "n", 12: "f", 13: "r" };

/** The arguments of `console.log` as one text. */
export function formatLogMessage(args: readonly unknown[]): string {
  return args.map((value) => inspect(value, 0, [])).join(" ");
}

export function inspect(value: unknown, depth = 0, ancestors: readonly object[] = []): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return `${value}n`;
    case "undefined":
    case "boolean":
    case "symbol":
      return String(value);
    case "function": {
      const keys = members(value, depth, ancestors);
      const name = value.name === "" ? " (anonymous)" : `: ${value.name}`;
      return `[Function${name}]${keys.length > 0 ? ` { ${keys.join(", ")} }` : ""}`;
    }
    case "object":
      return value === null ? "null" : inspectObject(value, depth, ancestors);
  }
}

function inspectObject(value: object, depth: number, ancestors: readonly object[]): string {
  if (depth >= MAX_DEPTH) return Array.isArray(value) ? "[Array]" : "[Object]";
  if (ancestors.includes(value)) return "[Circular]";
  const custom = (value as { inspect?: unknown }).inspect;
  if (typeof custom === "function") return String((value as { inspect(): unknown }).inspect());

  if (Array.isArray(value)) {
    const items = members(value, depth, ancestors);
    if (items.length === 0) return "[]";
    return items.some((item) => item.includes("\n"))
      ? `[${joinLines(items, depth)}]`
      : `[ ${items.join(", ")} ]`;
  }
  if (isA(value, "Error")) {
    const rest = members(value, depth, ancestors);
    return rest.length === 0 ? `[${textOf(value)}]` : `{ [${textOf(value)}] ${rest.join(", ")} }`;
  }
  const inner = [...ancestors, value];
  if (isA(value, "Map")) {
    const map = value as Map<unknown, unknown>;
    const entries = [...map].map(
      ([key, item]) => `${inspect(key, depth + 1, inner)} => ${inspect(item, depth + 1, inner)}`,
    );
    return `Map (${map.size}) {${joinLines(entries, depth)}}`;
  }
  if (isA(value, "Set")) {
    const set = value as Set<unknown>;
    const entries = [...set].map((item) => inspect(item, depth + 1, inner));
    return `Set (${set.size}) {${joinLines(entries, depth)}}`;
  }
  if (isA(value, "WeakMap")) return "WeakMap { ? }";
  if (isA(value, "WeakSet")) return "WeakSet { ? }";
  if (isA(value, "Number") || isA(value, "Boolean") || isA(value, "String")) {
    return `Object(${inspect(value.valueOf())})`;
  }
  if (isA(value, "Date") || isA(value, "RegExp")) return textOf(value);

  const fields = members(value, depth, ancestors);
  const tag = tagOf(value);
  return fields.length === 0 ? `${tag}{}` : `${tag}{${joinLines(fields, depth)}}`;
}

function members(value: object, depth: number, ancestors: readonly object[]): string[] {
  const inner = [...ancestors, value];
  const show = (item: unknown) => inspect(item, depth + 1, inner);
  const items: string[] = [];
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) items.push(i in value ? show(value[i]) : "");
  }
  for (const key of Object.keys(value)) {
    if (Array.isArray(value) && String(Number(key)) === key) continue;
    items.push(`${/[^\w$]/.test(key) ? quote(key) : key}: ${show((value as Record<string, unknown>)[key])}`);
  }
  for (const symbol of Object.getOwnPropertySymbols(value)) {
    if (Object.prototype.propertyIsEnumerable.call(value, symbol)) {
      items.push(`[${String(symbol)}]: ${show((value as Record<symbol, unknown>)[symbol])}`);
    }
  }
  return items;
}

function tagOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (isObjectPrototype(prototype)) return "";
  const nullPrototype = prototype === null ? "null prototype" : "";
  const stringTag = Symbol.toStringTag in value ? Object.prototype.toString.call(value).slice(8, -1) : "";
  const { constructor } = value as { constructor?: unknown };
  const name = typeof constructor === "function" && constructor.name !== "" ? `${constructor.name} ` : "";
  const tags = [stringTag === "" && nullPrototype !== "" ? "Object" : stringTag, nullPrototype];
  const tag = tags.filter((part) => part !== "").join(": ");
  return `${name}${tag === "" ? "" : `[${tag}] `}`;
}

/** Is the value, of whatever context, an instance of this built-in class? */
function isA(value: object, className: string): boolean {
  return Object.prototype.toString.call(value) === `[object ${className}]`;
}

/** The one at the end of every chain of prototypes, of whatever context. */
function isObjectPrototype(prototype: unknown): boolean {
  return (
    typeof prototype === "object" &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, "hasOwnProperty")
  );
}

/** The object's own idea of its text: an error, a date or a regular expression has one. */
function textOf(value: { toString(): string }): string {
  return value.toString();
}

function joinLines(items: readonly string[], depth: number): string {
  if (items.length === 0) return "";
  const separator = `\n${INDENT.repeat(depth + 1)}`;
  return `${separator}${items.join(`,${separator}`)}\n${INDENT.repeat(depth)}`;
}

function quote(text: string): string {
  const rest = text.length - MAX_STRING_LENGTH;
  const shown = rest > 0 ? text.slice(0, MAX_STRING_LENGTH) : text;
  const escaped = shown.replace(/['\\]/g, "\\$&").replace(/[\x00-\x1f]/g, (character) => {
    const code = character.charCodeAt(0);
    const short = ESCAPES[code];
    return short === undefined ? `\\x${code.toString(16).toUpperCase().padStart(2, "0")}` : `\\${short}`;
  });
  return rest > 0 ? `'${escaped}'... ${rest} more character${rest > 1 ? "s" : ""}` : `'${escaped}'`;
}
