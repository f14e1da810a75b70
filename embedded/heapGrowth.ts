import { setFlagsFromString } from "node:v8";

/**
 * How far a heap may grow over what is in use before V8 collects it whole, in percent of that. V8's own answer depends on the machine: 300 where it has 4 GB
 * or more, and then garbage that is no longer young, such as calls whose client has left while they were in line, takes three times the memory of all that is kept.
 */
const GROWTH_PERCENT = 50;

/** Bounds the garbage in all heaps of this process: its own and those of its worker threads. */
export function boundHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
