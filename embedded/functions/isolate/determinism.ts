/** Time that stands still during a call and a seeded `Math.random`: a function sees the same world when it runs again. */
import type { IsolateCall, IsolateHost } from "./host.ts";

let now = 0;
let isTimeRead = false;
/** State of sfc32, a small generator that passes the usual statistical batteries. */
let a = 0;
let b = 0;
let c = 0;
let counter = 1;

/** Outputs that are thrown away after seeding, until the seed has spread over the whole state. */
const WARM_UP_ROUNDS = 12;

/** Sets clock and generator for one call. */
export function beginCall(call: IsolateCall): void {
  now = call.now;
  isTimeRead = false;
  [a, b, c, counter] = call.seed;
  for (let i = 0; i < WARM_UP_ROUNDS; i++) nextUint32();
}

/** Replaces `Date`, `Math.random` and what would show when garbage is collected. Returns `Date.now`. */
export function installDeterminism(global: Record<string, unknown>, host: IsolateHost): () => number {
  const RealDate = Date;
  const read = (): number => {
    if (!isTimeRead) host.noteTimeRead();
    isTimeRead = true;
    return now;
  };
  // `Date(…)` without `new` is the text of now, whatever the arguments.
  function FixedDate(this: unknown, ...args: unknown[]): object | string {
    const target: unknown = new.target;
    if (target === undefined) return new RealDate(read()).toString();
    // `Reflect.construct` keeps subclasses of Date working.
    return Reflect.construct(
      RealDate,
      args.length === 0 ? [read()] : args,
      target as NewableFunction,
    ) as Date;
  }
  Object.defineProperty(FixedDate, "name", { value: "Date" });
  Object.defineProperty(FixedDate, "length", { value: 7 });
  FixedDate.prototype = RealDate.prototype as unknown;
  Object.assign(FixedDate, {
    now: read,
    parse: RealDate.parse.bind(RealDate),
    UTC: RealDate.UTC.bind(RealDate),
  });
  Object.defineProperty(RealDate.prototype, "constructor", {
    value: FixedDate,
    writable: true,
    configurable: true,
  });
  global["Date"] = FixedDate;

  Math.random = () => (nextUint32() * 0x200000 + (nextUint32() >>> 11)) / 2 ** 53;
  now = host.call.now;
  global["WeakRef"] = StrongRef;
  global["FinalizationRegistry"] = SilentRegistry;
  return read;
}

function nextUint32(): number {
  const result = (a + b + counter) | 0;
  counter = (counter + 1) | 0;
  a = b ^ (b >>> 9);
  b = (c + (c << 3)) | 0;
  c = ((c << 21) | (c >>> 11)) + result;
  return result >>> 0;
}

class StrongRef<T extends object> {
  readonly #target: T;
  constructor(target: T) {
    this.#target = target;
  }
  deref(): T {
    return this.#target;
  }
  get [Symbol.toStringTag](): string {
    return "WeakRef";
  }
}

class SilentRegistry {
  register(): void {
    // Nothing is ever reported as collected.
  }
  unregister(): boolean {
    return false;
  }
  get [Symbol.toStringTag](): string {
    return "FinalizationRegistry";
  }
}
