import { mergeParts, type Part } from "../../convex/shared/parts";
import type { LiveTail, Message } from "./types.ts";

/**
 * Puts an answer together from where its pieces are: the message's own parts, then rows of its log, then the live
 * tail. See "How a client reads an answer" in convex/README.md.
 */
export type Rows = ReadonlyMap<number, readonly Part[]>;

/** The log rows that belong between the message's parts and the tail: `from` included, `to` not. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
  /** Rows below this are immutable and may be read already. */
  readonly readableTo: number;
}

const NO_ROWS: RowRange = { from: 0, to: 0, readableTo: 0 };

/** Which rows the answer needs now. `tail` is null when the answer is not live. */
export function neededRows(message: Message, tail: LiveTail | null): RowRange {
  if (tail !== null) return { from: tail.firstChunk, to: tail.tailFrom, readableTo: tail.sealedChunks };
  const omitted = message.omittedChunks;
  return omitted === null ? NO_ROWS : { from: omitted.from, to: omitted.to, readableTo: omitted.to };
}

/** The first readable row that is not here yet, or null. */
export function firstMissing(rows: Rows, { from, readableTo }: RowRange): number | null {
  for (let index = from; index < readableTo; index++) if (!rows.has(index)) return index;
  return null;
}

/** Everything before the tail, or null while rows are missing. */
export function settledParts(parts: readonly Part[], rows: Rows, { from, to }: RowRange): Part[] | null {
  if (from >= to) return [...parts];
  const fragments: Part[] = [...parts];
  for (let index = from; index < to; index++) {
    const row = rows.get(index);
    if (row === undefined) return null;
    fragments.push(...row);
  }
  return mergeParts(fragments);
}

export function withTail(settled: Part[], tail: LiveTail | null): Part[] {
  return tail === null || tail.tail.length === 0 ? settled : mergeParts([...settled, ...tail.tail]);
}
