import type { TextStreamPart, ToolSet } from "ai";
import { MAX_STEP_CHARS } from "../runs/keptSteps";
import type { KeptPiece, KeptStep, StoredPart } from "../validators";

type Metadata = Record<string, unknown>;

type Piece = {
  kind: KeptPiece["kind"];
  /** The stream's name for it. */
  id: string;
  /** Null while nothing of it is shown. */
  position: number | null;
  chars: number;
  metadata: Metadata | null;
};

/** What `DirectWords` marks the beginning of a text with. */
const OWN = "verbatim";

/**
 * Notes what must be sent again of the step that a model is in, once it has called a tool; of a step without calls only where the answer has some
 * before it. The answer's parts hold the words: see `keptSteps.ts`.
 */
export class StepKeeper {
  #pieces: Piece[] = [];
  #from: number | null = null;
  #to = 0;
  #hasCalls = false;
  /** Its provider ran a call by itself: what that gave is told otherwise, so that the step cannot be told as it was. */
  #isForeign = false;
  #isChanged = false;

  /** `model`: its stored id. `hasCalls`: the answer so far has any. */
  constructor(
    private readonly model: string,
    private hasCalls: boolean,
  ) {}

  /** A part of the stream, and what was made of it. */
  note(part: TextStreamPart<ToolSet>, fragments: readonly StoredPart[]): void {
    switch (part.type) {
      case "start-step":
        this.#begin();
        return;
      case "reasoning-delta":
        this.#piece("thought", part.id).chars += part.text.length;
        this.#place("thought", part.id, fragments, "reasoning");
        return;
      case "reasoning-start":
      case "reasoning-end":
      case "text-start":
      case "text-delta":
      case "text-end":
        this.#reach(fragments);
        return;
      case "tool-call":
        this.#isForeign ||= part.providerExecuted === true;
        this.#piece("call", part.toolCallId);
        this.#place("call", part.toolCallId, fragments, "dynamic-tool");
        this.#hasCalls = this.hasCalls = true;
        this.#isChanged = true;
        return;
      case "finish-step":
        this.#isChanged = true;
        return;
      default:
    }
  }

  /** The same part as the SDK tells it, also where its words have been told before. */
  noteMetadata(part: TextStreamPart<ToolSet>): void {
    switch (part.type) {
      case "reasoning-start":
      case "reasoning-delta":
      case "reasoning-end":
        this.#sign(this.#piece("thought", part.id), part.providerMetadata);
        return;
      case "tool-call":
        this.#sign(this.#piece("call", part.toolCallId), part.providerMetadata);
        return;
      default:
    }
  }

  /** What is to be kept now; undefined when nothing is, or nothing has changed since. */
  take(): KeptStep | undefined {
    if (!this.#isChanged || this.#isForeign || this.#from === null) return undefined;
    if (!this.#hasCalls && !(this.hasCalls && this.#pieces.length > 0)) return undefined;
    this.#isChanged = false;
    const pieces = this.#told();
    const chars = pieces.reduce((sum, { metadata = "" }) => sum + metadata.length, 0);
    if (chars > MAX_STEP_CHARS) return undefined;
    return { from: this.#from, to: this.#to, model: this.model, pieces };
  }

  #begin(): void {
    this.#pieces = [];
    this.#from = null;
    this.#hasCalls = false;
    this.#isForeign = false;
    this.#isChanged = false;
  }

  #piece(kind: Piece["kind"], id: string): Piece {
    const known = this.#pieces.find((piece) => piece.kind === kind && piece.id === id);
    if (known) return known;
    const piece: Piece = { kind, id, position: null, chars: 0, metadata: null };
    this.#pieces.push(piece);
    return piece;
  }

  #place(kind: Piece["kind"], id: string, fragments: readonly StoredPart[], type: StoredPart["type"]): void {
    const own = fragments.findLast((fragment) => fragment.type === type);
    if (own) this.#piece(kind, id).position ??= own.position;
    this.#reach(fragments);
  }

  #reach(fragments: readonly StoredPart[]): void {
    for (const { position } of fragments) {
      this.#from ??= position;
      this.#to = Math.max(this.#to, position);
    }
  }

  /** The last that is told counts, as in the SDK. */
  #sign(piece: Piece, metadata: Metadata | undefined): void {
    if (metadata === undefined) return;
    const { [OWN]: _, ...told } = metadata;
    if (Object.keys(told).length > 0) piece.metadata = told;
  }

  /** What nobody is shown stands before what follows it. What is told twice is kept once: OpenRouter repeats all with the first call. */
  #told(): KeptPiece[] {
    const seen = new Set<string>();
    return this.#pieces.map(({ kind, position, chars, metadata }, index): KeptPiece => {
      const next = this.#pieces.slice(index).find((piece) => piece.position !== null);
      const place = position ?? next?.position ?? this.#to;
      const json = metadata === null ? undefined : JSON.stringify(metadata);
      const isNew = json !== undefined && !seen.has(json);
      if (isNew) seen.add(json);
      const more = { position: place, ...(isNew && { metadata: json }) };
      return kind === "call" ? { kind, ...more } : { kind, chars, ...more };
    });
  }
}
