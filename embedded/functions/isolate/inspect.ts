/**
 * Values as text in log lines, in the form that Convex prints them (that of the `object-inspect` package with an
 * indent of 2, which Convex's runtime uses). Actions use it too.
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
  if (value instanceof Error) {
    const rest = members(value, depth, ancestors);
    return rest.length === 0 ? `[${String(value)}]` : `{ [${String(value)}] ${rest.join(", ")} }`;
  }
  const inner = [...ancestors, value];
  if (value instanceof Map) {
    const entries = [...value].map(
      ([key, item]) => `${inspect(key, depth + 1, inner)} => ${inspect(item, depth + 1, inner)}`,
    );
    return `Map (${value.size}) {${joinLines(entries, depth)}}`;
  }
  if (value instanceof Set) {
    const entries = [...value].map((item) => inspect(item, depth + 1, inner));
    return `Set (${value.size}) {${joinLines(entries, depth)}}`;
  }
  if (value instanceof WeakMap) return "WeakMap { ? }";
  if (value instanceof WeakSet) return "WeakSet { ? }";
  if (value instanceof Number || value instanceof Boolean || value instanceof String) {
    return `Object(${inspect(value.valueOf())})`;
  }
  if (value instanceof Date || value instanceof RegExp) return String(value);

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
  if (prototype === Object.prototype) return "";
  const nullPrototype = value instanceof Object ? "" : "null prototype";
  const stringTag = Symbol.toStringTag in value ? Object.prototype.toString.call(value).slice(8, -1) : "";
  const { constructor } = value as { constructor?: unknown };
  const name = typeof constructor === "function" && constructor.name !== "" ? `${constructor.name} ` : "";
  const tags = [stringTag === "" && nullPrototype !== "" ? "Object" : stringTag, nullPrototype];
  const tag = tags.filter((part) => part !== "").join(": ");
  return `${name}${tag === "" ? "" : `[${tag}] `}`;
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
