import { v, type Infer } from "convex/values";
import type { KeptStep, StoredPart } from "../validators";
import { vHistoryCall, type HistoryCall } from "./historyCalls";

/** The steps of an earlier answer that a model is shown as they were: with its thoughts, and with what its provider signed. */

export const vHistoryText = v.object({ type: v.literal("text"), text: v.string() });
type HistoryText = Infer<typeof vHistoryText>;

const vHistoryThought = v.object({
  type: v.literal("thought"),
  /** Empty for one that was encrypted whole. */
  text: v.string(),
  /** JSON: what its provider wants back with it. */
  metadata: v.optional(v.string()),
});
export type HistoryThought = Infer<typeof vHistoryThought>;

export const vHistoryStep = v.object({
  type: v.literal("step"),
  /** The stored id of the model that made it. Others are told its words and calls alone. */
  model: v.string(),
  said: v.array(v.union(vHistoryText, vHistoryCall, vHistoryThought)),
});
export type HistoryStep = Infer<typeof vHistoryStep>;

/** Something of an answer, and where it is there. */
export type Placed = { position: number; part: HistoryText | HistoryCall };

/** Characters of what is signed or encrypted that count as a token: what is behind them is not known, and no less. */
const SIGNED_CHARS_PER_TOKEN = 4;

/**
 * What was `said` of the answer with these `parts`, in its order, with the words of each step that is kept in one. The newest steps first, as
 * far as there is room in `left` tokens for what they add; the others stay words and calls. `tokens` is what they took.
 */
export function withSteps(
  said: readonly Placed[],
  parts: readonly StoredPart[],
  kept: readonly KeptStep[],
  left: number,
  count: (text: string) => number,
): { said: (HistoryText | HistoryCall | HistoryStep)[]; tokens: number } {
  // A continued answer goes on in the last text of the step before.
  const steps = kept.map((step, index) => ({
    ...step,
    from: Math.max(step.from, (kept[index - 1]?.to ?? -1) + 1),
  }));
  const whole = new Map<KeptStep, HistoryStep>();
  let tokens = 0;
  for (const step of steps.toReversed()) {
    const told = wholeStep(step, said, parts);
    const size = told === null ? Infinity : added(told, count);
    if (told === null || size > left - tokens) continue;
    tokens += size;
    whole.set(step, told);
  }
  const done = new Set<KeptStep>();
  const all = said.flatMap(({ position, part }): (HistoryText | HistoryCall | HistoryStep)[] => {
    const step = steps.find(({ from, to }) => from <= position && position <= to);
    const told = step && whole.get(step);
    if (step === undefined || told === undefined) return [part];
    if (done.has(step)) return [];
    done.add(step);
    return [told];
  });
  return { said: all, tokens };
}

/** Tokens that a step takes beside its words and calls. */
function added({ said }: HistoryStep, count: (text: string) => number): number {
  const signed = said.reduce(
    (sum, part) => sum + (part.type === "text" ? 0 : (part.metadata ?? "").length),
    0,
  );
  const thoughts = said.map((part) => (part.type === "thought" ? part.text : "")).join("");
  return Math.ceil(signed / SIGNED_CHARS_PER_TOKEN) + count(thoughts);
}

/** Null when something of it is missing: a call without room, the beginning of a very long answer. Half a step would be refused. */
function wholeStep(
  { from, to, model, pieces }: KeptStep,
  said: readonly Placed[],
  parts: readonly StoredPart[],
): HistoryStep | null {
  const inside = said.filter(({ position }) => from <= position && position <= to);
  const calls = inside.filter(({ part }) => part.type === "call");
  const callPieces = pieces.filter(({ kind }) => kind === "call");
  if (inside.length === 0 || calls.length !== callPieces.length) return null;
  const thoughts = new Map<number, string>();
  for (const part of parts) if (part.type === "reasoning") thoughts.set(part.position, part.text);
  const told: HistoryStep["said"] = [];
  const rest = [...inside];
  const tellBefore = (position: number): void => {
    while (rest[0] !== undefined && rest[0].position < position && rest[0].part.type === "text")
      told.push(...rest.splice(0, 1).map(({ part }) => part));
  };
  for (const piece of pieces) {
    tellBefore(piece.position);
    const more = piece.metadata === undefined ? {} : { metadata: piece.metadata };
    if (piece.kind === "call") {
      const call = rest[0]?.position === piece.position ? rest.shift()?.part : undefined;
      const original = parts.find(({ position }) => position === piece.position);
      if (call?.type !== "call" || original?.type !== "dynamic-tool") return null;
      told.push({ ...call, id: original.toolCallId, ...more });
      continue;
    }
    const text = piece.chars === 0 ? "" : takeThought(thoughts, piece.position, piece.chars);
    if (text === null) return null;
    told.push({ type: "thought", text, ...more });
  }
  told.push(...rest.map(({ part }) => part));
  const isWhole = pieces.every(
    ({ kind, position }) => kind !== "thought" || (thoughts.get(position) ?? "") === "",
  );
  return isWhole ? { type: "step", model, said: told } : null;
}

/** What stands between two thoughts of one part: `partMapper.ts`. */
const BETWEEN = "\n\n";

/** The next thought of the part at `position`, which it leaves; null when that is shorter. */
function takeThought(thoughts: Map<number, string>, position: number, chars: number): string | null {
  const text = thoughts.get(position);
  if (text === undefined || text.length < chars) return null;
  const rest = text.slice(chars);
  if (rest !== "" && !rest.startsWith(BETWEEN)) return null;
  thoughts.set(position, rest.slice(BETWEEN.length));
  return text.slice(0, chars);
}
