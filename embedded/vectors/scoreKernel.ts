/**
 * The inner loop of vector search as WebAssembly, for its 128-bit SIMD: dot products of one query with many quantised
 * vectors, at a thirtieth of the time that a plain loop over `Float32Array`s takes. The module is put together here,
 * instruction by instruction: it is one function, and needs no compiler to build.
 *
 * Source of the encoding: https://webassembly.github.io/spec/core/binary/ (SIMD: 0xfd and an opcode).
 */

/** Components that one step takes. Vectors are padded with zeros to a multiple of it. */
export const LANES = 16;
/** Vectors that one call of the kernel takes. */
export const BATCH = 4096;

const PAGE = 65_536;
/** What 32-bit addresses reach. */
const MAX_PAGES = 65_536;

/** Places in the kernel's memory, in bytes: the query, the batch of slots, their scores, and from there on the codes. */
const QUERY = 0;
const SLOTS = 16_384;
const SCORES = SLOTS + 4 * BATCH;
const CODES = SCORES + 4 * BATCH;

/** Codes of vectors at numbered places ("slots"), and their dot products with a query. */
export class ScoreKernel {
  /** Bytes from one vector's codes to the next one's. */
  readonly stride: number;
  readonly #memory = new WebAssembly.Memory({ initial: CODES / PAGE + 1, maximum: MAX_PAGES });
  readonly #run: Run;

  /** `dimensions` at most 4,096. */
  constructor(dimensions: number) {
    this.stride = Math.ceil(dimensions / LANES) * LANES;
    compiled ??= new WebAssembly.Module(MODULE);
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } });
    this.#run = exports["score"] as Run;
  }

  /**
   * The codes of a slot, to be written. The view is good until the next call of `codes`. Throws a `RangeError` if there
   * is no memory for that many slots: 4 GiB is the most.
   */
  codes(slot: number): Int8Array {
    const start = CODES + slot * this.stride;
    const missing = start + this.stride - this.#memory.buffer.byteLength;
    // Grown by an eighth at least: addresses are reserved from the start, so that nothing is copied.
    if (missing > 0) {
      const wanted = Math.max(missing, this.#memory.buffer.byteLength / 8);
      const room = MAX_PAGES * PAGE - this.#memory.buffer.byteLength;
      this.#memory.grow(Math.ceil(Math.max(missing, Math.min(wanted, room)) / PAGE));
    }
    return new Int8Array(this.#memory.buffer, start, this.stride);
  }

  /** Writes the dot product of `query` with the codes of each of `slots` (at most `BATCH`) into `scores`, by slot. */
  score(query: Int16Array, slots: Int32Array, scores: Int32Array): void {
    const { buffer } = this.#memory;
    new Int16Array(buffer, QUERY, this.stride).fill(0).set(query);
    new Int32Array(buffer, SLOTS, slots.length).set(slots);
    this.#run(QUERY, CODES, SLOTS, slots.length, this.stride, SCORES);
    const results = new Int32Array(buffer, SCORES, slots.length);
    for (let i = 0; i < slots.length; i++) scores[slots[i] as number] = results[i] as number;
  }
}

let compiled: WebAssembly.Module | null = null;

/** Places in memory, in bytes, but for `count` (of slots) and `stride`. */
type Run = (query: number, codes: number, slots: number, count: number, stride: number, out: number) => void;

type Code = readonly (number | Code)[];

const I32 = 0x7f;
const V128 = 0x7b;

/** Parameters, then local variables, by their numbers. */
const [query, codes, slots, count, stride, out, codeAt, codesEnd, queryAt, slotsEnd, low, high, sixteen] = [
  ...Array(13).keys(),
] as [number, number, number, number, number, number, number, number, number, number, number, number, number];

const get = (local: number): Code => [0x20, local];
const set = (local: number, value: Code): Code => [value, 0x21, local];
const constant = (value: number): Code => [0x41, value];
const add = (a: Code, b: Code): Code => [a, b, 0x6a];
const multiply = (a: Code, b: Code): Code => [a, b, 0x6c];
const advance = (local: number, bytes: number): Code => set(local, add(get(local), constant(bytes)));
const loadI32 = (address: Code): Code => [address, 0x28, 2, 0];
const storeI32 = (address: Code, value: Code): Code => [address, value, 0x36, 2, 0];
const loadV128 = (address: Code, offset: number): Code => [address, 0xfd, 0x00, 0, offset];
const ZERO_V128: Code = [0xfd, 0x0c, Array<number>(16).fill(0)];
const LOW_AS_I16: Code = [0xfd, 0x87, 0x01];
const HIGH_AS_I16: Code = [0xfd, 0x88, 0x01];
const addI32x4 = (a: Code, b: Code): Code => [a, b, 0xfd, 0xae, 0x01];
const dotI16x8 = (a: Code, b: Code): Code => [a, b, 0xfd, 0xba, 0x01];
const lane = (vector: Code, index: number): Code => [vector, 0xfd, 0x1b, index];
/** `while (condition) body`; the label of a loop is its beginning, that of a block its end. */
const loopWhile = (condition: Code, body: Code): Code => [
  [0x02, 0x40, 0x03, 0x40],
  [condition, 0x45, 0x0d, 1],
  [body, 0x0c, 0],
  [0x0b, 0x0b],
];
const isBelow = (a: Code, b: Code): Code => [a, b, 0x49];

const BODY: Code = [
  set(slotsEnd, add(get(slots), multiply(get(count), constant(4)))),
  loopWhile(isBelow(get(slots), get(slotsEnd)), [
    set(codeAt, add(get(codes), multiply(loadI32(get(slots)), get(stride)))),
    set(codesEnd, add(get(codeAt), get(stride))),
    set(queryAt, get(query)),
    set(low, ZERO_V128),
    set(high, ZERO_V128),
    loopWhile(isBelow(get(codeAt), get(codesEnd)), [
      set(sixteen, loadV128(get(codeAt), 0)),
      set(low, addI32x4(get(low), dotI16x8([get(sixteen), LOW_AS_I16], loadV128(get(queryAt), 0)))),
      set(high, addI32x4(get(high), dotI16x8([get(sixteen), HIGH_AS_I16], loadV128(get(queryAt), 16)))),
      advance(codeAt, LANES),
      advance(queryAt, 2 * LANES),
    ]),
    set(low, addI32x4(get(low), get(high))),
    storeI32(
      get(out),
      add(add(lane(get(low), 0), lane(get(low), 1)), add(lane(get(low), 2), lane(get(low), 3))),
    ),
    advance(slots, 4),
    advance(out, 4),
  ]),
  0x0b,
];

const MODULE = moduleOf(BODY);

function moduleOf(body: Code): Uint8Array<ArrayBuffer> {
  const text = (name: string): Code => [name.length, [...Buffer.from(name)]];
  const sized = (content: Code): Code => {
    const bytes = flatten(content);
    return [unsigned(bytes.length), bytes];
  };
  const section = (id: number, content: Code): Code => [id, sized(content)];
  return Uint8Array.from(
    flatten([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      // One function type: six integers, no result.
      section(1, [1, 0x60, 6, Array<number>(6).fill(I32), 0]),
      section(2, [1, text("env"), text("memory"), 0x02, 0x01, 1, unsigned(MAX_PAGES)]),
      section(3, [1, 0]),
      section(7, [1, text("score"), 0x00, 0]),
      section(10, [1, sized([2, 4, I32, 3, V128, body])]),
    ]),
  );
}

/** LEB128. */
function unsigned(value: number): number[] {
  const rest = value >>> 7;
  return rest === 0 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(rest)];
}

function flatten(code: Code): number[] {
  return (code as unknown[]).flat(Infinity) as number[];
}
