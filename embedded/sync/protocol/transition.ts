import { randomUUID } from "node:crypto";
import { messageForClients } from "../../functions/failures.ts";
import type { QueryOutcome } from "../../functions/types.ts";
import { encodeTimestamp } from "./timestamp.ts";

/** Where a client stands: which queries it asked for, as whom, and as of when. */
export type StateVersion = { querySet: number; identity: number; ts: bigint };

export const INITIAL_VERSION: StateVersion = { querySet: 0, identity: 0, ts: 0n };

/** Moves all of a client's queries from one version to the next at once. `startVersion` is the last one's end. */
export type Transition = {
  startVersion: StateVersion;
  endVersion: StateVersion;
  modifications: readonly StateModification[];
  /** Client's clock minus server's, milliseconds, as measured when it connected. */
  clientClockSkew: number | null;
  /** Nanoseconds since the epoch, when it was sent. */
  serverTs: bigint;
};

/** `text` comes from `encodeQueryResult`, made once for all clients that share the result. */
export type StateModification =
  { type: "QueryResult"; queryId: number; text: string } | { type: "QueryRemoved"; queryId: number };

/** The part of a modification that is the same for every client: what follows its query id. */
export function encodeQueryResult({ result, logLines, journal }: QueryOutcome): string {
  const fields = result.ok
    ? { type: "QueryUpdated", value: result.value, logLines, journal }
    : {
        type: "QueryFailed",
        errorMessage: messageForClients(result.error),
        logLines,
        journal,
        errorData: result.error.data,
      };
  return JSON.stringify(fields).slice(1);
}

/** About how many characters a transition has, before it is written. */
export function lengthOf(modifications: readonly StateModification[]): number {
  let length = 0;
  for (const modification of modifications)
    if (modification.type === "QueryResult") length += modification.text.length;
  return length;
}

export function encodeTransition({ modifications, ...transition }: Transition): string {
  return (
    `{"type":"Transition","startVersion":${encodeVersion(transition.startVersion)}` +
    `,"endVersion":${encodeVersion(transition.endVersion)}` +
    `,"modifications":[${modifications.map(encodeModification).join(",")}]` +
    `,"clientClockSkew":${String(transition.clientClockSkew)},"serverTs":${String(transition.serverTs)}}`
  );
}

function encodeVersion({ querySet, identity, ts }: StateVersion): string {
  return `{"querySet":${querySet},"identity":${identity},"ts":"${encodeTimestamp(ts)}"}`;
}

function encodeModification(modification: StateModification): string {
  switch (modification.type) {
    case "QueryResult":
      return `{"queryId":${modification.queryId},${modification.text}`;
    case "QueryRemoved":
      return `{"type":"QueryRemoved","queryId":${modification.queryId}}`;
    default:
      return modification satisfies never;
  }
}

/** Characters of one message, above which a transition is cut: a client takes 60 s of silence for a dead server. */
const MAX_MESSAGE_LENGTH = 5_000_000;

/** The first `convex` package that puts chunks together again. */
const FIRST_VERSION_WITH_CHUNKS = [1, 28, 0] as const;

export function supportsChunks(clientVersion: string): boolean {
  const parts = clientVersion.split(/[.-]/).map(Number);
  for (const [place, wanted] of FIRST_VERSION_WITH_CHUNKS.entries()) {
    const part = parts[place] ?? NaN;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

/** A large transition as `TransitionChunk` messages, any other as it is. */
export function splitTransition(text: string, maxLength = MAX_MESSAGE_LENGTH): string[] {
  if (text.length <= maxLength) return [text];
  const chunks: string[] = [];
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + maxLength, text.length);
    // Not between the two halves of a surrogate pair: alone they have no UTF-8.
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--;
    chunks.push(text.slice(start, end));
    start = end;
  }
  const transitionId = randomUUID();
  return chunks.map((chunk, partNumber) =>
    JSON.stringify({ type: "TransitionChunk", chunk, partNumber, totalParts: chunks.length, transitionId }),
  );
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
