/**
 * The timestamp of a commit that has not happened yet (`db.vars.commitTs`): `{ "$commitTs": null }` in documents until
 * they are committed, then an `Int64` in nanoseconds. Until then it counts as the greatest one, as on Convex
 * (`crates/value/src/pending.rs`).
 */
import { integerToJson } from "./json.ts";

/** Only the value itself looks like this in JSON text: quotes in strings are escaped, and no field may begin with `$`. */
const TOKEN = '{"$commitTs":null}';

/** Is there one in this JSON text? */
export function hasCommitTs(text: string): boolean {
  return text.includes(TOKEN);
}

/** The JSON text with `ts` (nanoseconds since the epoch) in the place of each. */
export function resolveCommitTs(text: string, ts: bigint): string {
  return text.replaceAll(TOKEN, JSON.stringify(integerToJson(ts)));
}
