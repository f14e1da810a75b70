import { mergeParts, type Part } from "../../convex/shared/parts";

/** The known part of an answer's log: its rows `first … next - 1`, without gaps, merged. */
export interface AnswerLog {
  readonly first: number;
  readonly next: number;
  readonly parts: readonly Part[];
}

/** The rows `from … to - 1` of a log. */
export interface LogPiece {
  readonly from: number;
  readonly to: number;
  readonly parts: readonly Part[];
}

export const emptyLog = (first: number): AnswerLog => ({ first, next: first, parts: [] });

/** The log with one more piece; the same log if it has that already; null if the piece does not begin where the log ends. */
export function withPiece(log: AnswerLog, piece: LogPiece): AnswerLog | null {
  if (piece.to <= log.next) return log;
  if (piece.from !== log.next) return null;
  return { ...log, next: piece.to, parts: mergeParts([...log.parts, ...piece.parts]) };
}
