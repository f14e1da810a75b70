/**
 * `performance`: the clock, marks and measures (https://w3c.github.io/user-timing/), as in Convex's
 * `npm-packages/udf-runtime/src/27_performance.ts`. The clock stands still in queries and goes in mutations.
 */
import type { IsolateHost } from "./host.ts";

type EntryType = "mark" | "measure";
type MeasureOptions = { start?: string | number; end?: string | number; duration?: number; detail?: unknown };

/** Only this file can make entries. */
const KEY = Symbol("key");
let entries: PerformanceEntry[] = [];

/** Entries are those of one call: contexts live on, and would gather them. */
export function forgetPerformanceEntries(): void {
  entries = [];
}

class PerformanceEntry {
  readonly #fields: { name: string; entryType: EntryType; startTime: number; duration: number };

  constructor(key?: symbol, name = "", entryType: EntryType = "mark", startTime = 0, duration = 0) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    this.#fields = { name, entryType, startTime, duration };
  }
  get name(): string {
    return this.#fields.name;
  }
  get entryType(): EntryType {
    return this.#fields.entryType;
  }
  get startTime(): number {
    return this.#fields.startTime;
  }
  get duration(): number {
    return this.#fields.duration;
  }
  toJSON(): Record<string, unknown> {
    return { ...this.#fields };
  }
  get [Symbol.toStringTag](): string {
    return "PerformanceEntry";
  }
}

class DetailedEntry extends PerformanceEntry {
  readonly detail: unknown;
  constructor(key: symbol, name: string, type: EntryType, start: number, duration: number, detail: unknown) {
    super(key, name, type, start, duration);
    this.detail = structuredClone(detail ?? null);
  }
  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), detail: this.detail };
  }
}

class PerformanceMeasure extends DetailedEntry {
  constructor(key?: symbol, name = "", start = 0, duration = 0, detail?: unknown) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
    super(KEY, name, "measure", start, duration, detail);
  }
}

/** Replaces `performance` and its classes. `readTime` is the time of the call, in milliseconds since the epoch. */
export function installPerformance(
  global: Record<string, unknown>,
  host: IsolateHost,
  readTime: () => number,
): void {
  const now = (): number => host.elapsedMs();

  class PerformanceMark extends DetailedEntry {
    constructor(...given: [name: unknown, options?: { startTime?: number; detail?: unknown }]) {
      requireArgument(given, "Failed to construct 'PerformanceMark'");
      const [name, { startTime = now(), detail } = {}] = given;
      if (startTime < 0) {
        throw new TypeError(
          `Cannot construct PerformanceMark: startTime cannot be negative, received ${startTime}`,
        );
      }
      super(KEY, String(name), "mark", startTime, 0, detail);
    }
  }

  class Performance extends EventTarget {
    onresourcetimingbufferfull = null;

    constructor(key?: symbol) {
      if (key !== KEY) throw new TypeError("Illegal constructor");
      super();
    }
    now(): number {
      return now();
    }
    get timeOrigin(): number {
      return readTime();
    }
    mark(...given: ConstructorParameters<typeof PerformanceMark>): PerformanceMark {
      requireArgument(given, "Failed to execute 'mark' on 'Performance'");
      return remember(new PerformanceMark(...given));
    }
    measure(...given: [name: unknown, start?: unknown, endMark?: string]): PerformanceMeasure {
      requireArgument(given, "Failed to execute 'measure' on 'Performance'");
      const [name, start, endMark] = given;
      const options: MeasureOptions =
        typeof start === "object" && start !== null ? start : typeof start === "string" ? { start } : {};
      if (typeof start === "object" && Object.keys(options).length > 0) checkOptions(options, endMark);
      const [from, to] = spanOf(endMark === undefined ? options : { ...options, end: endMark }, now);
      return remember(new PerformanceMeasure(KEY, String(name), from, to - from, options.detail));
    }
    clearMarks(name?: string): void {
      forget("mark", name);
    }
    clearMeasures(name?: string): void {
      forget("measure", name);
    }
    clearResourceTimings(): void {
      // Nothing is fetched.
    }
    setResourceTimingBufferSize(): void {
      // Nothing is fetched.
    }
    getEntries(): PerformanceEntry[] {
      return [...entries];
    }
    getEntriesByName(name: string, type?: string): PerformanceEntry[] {
      return entries.filter((entry) => entry.name === name && (type ?? entry.entryType) === entry.entryType);
    }
    getEntriesByType(type: string): PerformanceEntry[] {
      return entries.filter((entry) => entry.entryType === type);
    }
    toJSON(): { timeOrigin: number } {
      return { timeOrigin: readTime() };
    }
    get [Symbol.toStringTag](): string {
      return "Performance";
    }
  }

  const classes = { Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure };
  Object.assign(global, classes, { performance: new Performance(KEY) });
}

function remember<T extends PerformanceEntry>(entry: T): T {
  entries.push(entry);
  return entry;
}

function forget(type: EntryType, name: string | undefined): void {
  entries = entries.filter((entry) => entry.entryType !== type || (name ?? entry.name) !== entry.name);
}

function checkOptions(options: MeasureOptions, endMark: string | undefined): void {
  if (endMark !== undefined) throw new TypeError('Options cannot be passed with "endMark"');
  if ("start" in options && "duration" in options && "end" in options) {
    throw new TypeError('Cannot specify "start", "end", and "duration" together in options');
  }
}

function spanOf({ start, end, duration }: MeasureOptions, now: () => number): [number, number] {
  if (end !== undefined && duration !== undefined) {
    const to = timeOf(end);
    return [to - timeOf(duration), to];
  }
  const from = start === undefined ? 0 : timeOf(start);
  if (end !== undefined) return [from, timeOf(end)];
  return [from, start !== undefined && duration !== undefined ? from + timeOf(duration) : now()];
}

/** The time that a mark names, or that is given. */
function timeOf(mark: string | number): number {
  if (typeof mark === "string") {
    const entry = entries.findLast(({ name, entryType }) => name === mark && entryType === "mark");
    if (entry === undefined) throw new DOMException(`Cannot find mark: "${mark}"`, "SyntaxError");
    return entry.startTime;
  }
  if (mark < 0) throw new TypeError(`Mark cannot be negative: received ${mark}`);
  return mark;
}

function requireArgument(given: readonly unknown[], prefix: string): void {
  if (given.length === 0) throw new TypeError(`${prefix}: 1 argument required, but only 0 present.`);
}
