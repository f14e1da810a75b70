import { evaluating, thrownBy } from "./evaluate.ts";

class Point {
  #secret = 1;
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  get sum(): number {
    return this.x + this.y + this.#secret;
  }
}

const sameKind = (value: object): boolean => {
  const copy = structuredClone(value);
  return (
    copy !== value &&
    Object.getPrototypeOf(copy) === Object.getPrototypeOf(value) &&
    Object.prototype.toString.call(copy) === Object.prototype.toString.call(value)
  );
};

export const { inQuery: clones, inMutation: clonesInMutation } = evaluating({
  primitives: () =>
    [undefined, null, false, true, "", "text", "\ud800", 0.2, -1.5, 2n].map((value) =>
      Object.is(structuredClone(value), value),
    ),
  "odd numbers": () => [
    Object.is(structuredClone(-0), -0),
    Number.isNaN(structuredClone(NaN)),
    structuredClone(-Infinity) === -Infinity,
  ],
  "boxed primitives": () =>
    [new Boolean(false), new Number(0.2), new String("\u{1d306}"), Object(2n) as object].map((value) => [
      sameKind(value),
      structuredClone(value).valueOf(),
    ]),
  dates: () => [new Date(0), new Date(-1), new Date(8.64e15)].map((date) => structuredClone(date).getTime()),
  "an invalid date": () => Number.isNaN(structuredClone(new Date(NaN)).getTime()),
  "regular expressions": () => {
    const original = /a\/[b]/giu;
    original.lastIndex = 2;
    const { source, flags, lastIndex } = structuredClone(original);
    return [source, flags, lastIndex, structuredClone(new RegExp("")).source];
  },
  arrays: () => {
    const sparse = new Array<number>(5);
    sparse[2] = 1;
    Object.assign(sparse, { named: "too" });
    const copy = structuredClone(sparse);
    return [
      copy.length,
      1 in copy,
      copy[2],
      (copy as unknown as { named: string }).named,
      Array.isArray(copy),
    ];
  },
  objects: () => {
    const original = { a: 1, b: { c: [2, { d: null }] }, e: undefined };
    const copy = structuredClone(original);
    return [JSON.stringify(copy), "e" in copy, copy !== original, copy.b !== original.b];
  },
  "a field named __proto__": () => {
    const copy = structuredClone(JSON.parse('{"__proto__":{"a":1}}') as object);
    return [Object.keys(copy), Object.getPrototypeOf(copy) === Object.prototype];
  },
  "keys in order, own and enumerable only": () => {
    const original = Object.create(
      { inherited: 1 },
      { hidden: { value: 1 }, b: { value: 2, enumerable: true } },
    ) as object;
    return Object.keys(structuredClone(Object.assign(original, { 1: "one", a: 3 }))).join();
  },
  "getters are called": () => {
    let count = 0;
    const copy = structuredClone({
      get value() {
        return ++count;
      },
    });
    return [copy.value, copy.value, count];
  },
  "classes are left behind": () => {
    const copy = structuredClone(new Point(1, 2));
    return [copy instanceof Point, copy.x, copy.sum];
  },
  "without a prototype": () =>
    Object.getPrototypeOf(structuredClone(Object.create(null) as object)) === Object.prototype,
  "what only looks like a date": () => [
    sameKind({ a: 1 }),
    Object.prototype.toString.call(structuredClone(Object.create(Date.prototype))),
    Object.prototype.toString.call(
      structuredClone(Object.setPrototypeOf(new Date(5), Map.prototype) as Date),
    ),
  ],
  "maps and sets": () => {
    const key = { k: 1 };
    const map = structuredClone(
      new Map<unknown, unknown>([
        [key, [key]],
        ["a", new Set([key, 2])],
      ]),
    );
    const [[first, list], [, set]] = [...map] as [[object, object[]], [string, Set<unknown>]];
    return [first !== key, list[0] === first, set.has(first), map.size, set.size];
  },
  "circles and shared parts": () => {
    const original: Record<string, unknown> = { list: [] };
    original["self"] = original;
    original["same"] = original["list"];
    const copy = structuredClone(original);
    return [copy["self"] === copy, copy["same"] === copy["list"], copy["list"] !== original["list"]];
  },
  buffers: () => {
    const original = new Uint8Array([1, 2, 3]).buffer;
    const copy = structuredClone(original);
    new Uint8Array(original)[0] = 9;
    return [copy instanceof ArrayBuffer, new Uint8Array(copy)];
  },
  "views share their buffer": () => {
    const buffer = new ArrayBuffer(8);
    const copy = structuredClone([
      new Uint8Array(buffer, 2, 3),
      new DataView(buffer, 1),
      new Float64Array(buffer),
    ] as const);
    copy[0][0] = 7;
    return [
      copy[0].byteOffset,
      copy[0].length,
      copy[1].getUint8(1),
      copy[1].byteLength,
      copy[0].buffer === copy[2].buffer,
      copy[2].length,
    ];
  },
  "every kind of array of numbers": () =>
    [Int8Array, Uint8ClampedArray, Int16Array, Uint32Array, Float32Array, BigInt64Array].map((View) =>
      sameKind(new View(2)),
    ),
  errors: () =>
    [
      new Error("a"),
      new TypeError("b"),
      new RangeError("c", { cause: { d: 1 } }),
      Object.assign(new Error("e"), { name: "Own", extra: 1 }),
    ].map((error) => {
      const copy = structuredClone(error) as Error & { extra?: number };
      return [
        copy instanceof Error,
        copy.constructor.name,
        copy.name,
        copy.message,
        copy.cause ?? null,
        copy.extra ?? null,
        copy.stack === error.stack,
      ];
    }),
  "what cannot be": () =>
    [
      () => 1,
      Symbol("s"),
      Object(Symbol("s")),
      Promise.resolve(1),
      new WeakMap(),
      new WeakSet(),
      new Map().entries(),
      (function* () {
        yield 1;
      })(),
    ].map((value) => thrownBy(() => structuredClone(value))),
  "nor inside": () => [
    thrownBy(() => structuredClone({ a: [{ f: () => 1 }] })),
    thrownBy(() => structuredClone(new Map([[1, Symbol("s")]]))),
  ],
  // Convex's own ways.
  "Convex: nothing is transferred": () =>
    thrownBy(() => structuredClone(new ArrayBuffer(1), { transfer: [] })),
});
