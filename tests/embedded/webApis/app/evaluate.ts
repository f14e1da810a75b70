/** Cases by name: what each gives, or throws, inside of a query. */
import { mutationGeneric, queryGeneric } from "convex/server";
import type { Value } from "convex/values";

export type Cases = Record<string, () => unknown>;

/** A query and a mutation that evaluate all cases. */
export function evaluating(cases: Cases) {
  const handler = async (): Promise<[string, Value][]> => {
    const results: [string, Value][] = [];
    for (const [name, evaluate] of Object.entries(cases)) results.push([name, await resultOf(evaluate)]);
    return results;
  };
  return { inQuery: queryGeneric({ args: {}, handler }), inMutation: mutationGeneric({ args: {}, handler }) };
}

async function resultOf(evaluate: () => unknown): Promise<Value> {
  try {
    return toValue(await evaluate());
  } catch (error) {
    return thrown(error);
  }
}

/** `throws <name>`, and the message if it is one of those that say what is not implemented. */
export function thrown(error: unknown): string {
  const { name, message } = error as Error;
  return `throws ${/not (implemented|supported)|Can't use/i.test(message) ? message : name}`;
}

/** What `run` throws, or "nothing". */
export function thrownBy(run: () => unknown): string {
  try {
    run();
    return "nothing";
  } catch (error) {
    return thrown(error);
  }
}

const HALF_A_CHARACTER = /\p{Surrogate}/u;

/** Nothing is `null`; text with half a character is the list of its code units. */
function toValue(result: unknown): Value {
  if (result === undefined || result === null) return null;
  if (typeof result === "string" && HALF_A_CHARACTER.test(result)) {
    return Array.from({ length: result.length }, (_, place) => result.charCodeAt(place));
  }
  if (result instanceof Uint8Array) return [...result];
  if (Array.isArray(result)) return result.map(toValue);
  if (typeof result === "object") {
    return Object.fromEntries(Object.entries(result).map(([key, value]) => [key, toValue(value)]));
  }
  return result as Value;
}
