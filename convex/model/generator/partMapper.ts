import type { TextStreamPart, ToolSet } from "ai";
import type { RunInput } from "../runs/runInput";
import type { StoredPart } from "../validators";
import { wellFormed } from "../../shared/text";
import { storableValue } from "./storableValue";
import type { ToolRunner } from "./toolRunner";

/**
 * Turns what the AI SDK says of a stream into fragments of the answer's log. Each part gets the next position when it
 * begins, so that their order is that of the stream. [G8]
 */
export class PartMapper {
  #nextPosition: number;
  /** Where a continued answer's text goes on; used by the first text, if that is the first thing to come. */
  #continueAt: number | null;
  readonly #positions = new Map<string, number>();
  readonly #openCalls = new Set<string>();

  constructor(
    input: Pick<RunInput, "answered" | "lastPosition">,
    private readonly toolRunner: ToolRunner,
  ) {
    this.#nextPosition = input.lastPosition + 1;
    this.#continueAt = input.answered.at(-1)?.type === "text" ? input.lastPosition : null;
  }

  /** Are tools at work? Then it is not the provider's turn. */
  get hasOpenCalls(): boolean {
    return this.#openCalls.size > 0;
  }

  map(part: TextStreamPart<ToolSet>): StoredPart[] {
    switch (part.type) {
      case "text-start":
        this.#begin(`text ${part.id}`, this.#continueAt);
        return [];
      case "reasoning-start":
        this.#begin(`reasoning ${part.id}`, null);
        return [];
      case "text-delta":
        return this.#text("text", part.id, part.text);
      case "reasoning-delta":
        return this.#text("reasoning", part.id, part.text);
      case "source": {
        if (part.sourceType !== "url") return [];
        const { id: sourceId, url, title } = part;
        const position = this.#begin(`source ${sourceId}`, null);
        return [{ type: "source-url", position, sourceId, url, ...(title !== undefined && { title }) }];
      }
      case "tool-input-start":
        return [
          {
            type: "dynamic-tool",
            position: this.#begin(`tool ${part.id}`, null),
            toolCallId: part.id,
            toolName: part.toolName,
            state: "pending",
            startedAt: Date.now(),
          },
        ];
      case "tool-call":
        this.#openCalls.add(part.toolCallId);
        return [
          this.#tool(part, { state: "running", input: storableValue(part.input), startedAt: Date.now() }),
        ];
      case "tool-result": {
        if (part.preliminary) return [];
        this.#openCalls.delete(part.toolCallId);
        const state = this.toolRunner.outcome(part.toolCallId);
        return [this.#tool(part, { state, output: storableValue(part.output), endedAt: Date.now() })];
      }
      case "tool-error": {
        this.#openCalls.delete(part.toolCallId);
        const errorText = part.error instanceof Error ? part.error.message : String(part.error);
        return [this.#tool(part, { state: "failed", errorText, endedAt: Date.now() })];
      }
      case "tool-output-denied":
      case "tool-approval-request":
      case "tool-input-delta":
      case "tool-input-end":
      case "text-end":
      case "reasoning-end":
      case "file":
      case "start":
      case "start-step":
      case "finish-step":
      case "finish":
      case "abort":
      case "error":
      case "raw":
        return [];
      default:
        part satisfies never;
        return [];
    }
  }

  #begin(key: string, at: number | null): number {
    const position = at ?? this.#nextPosition++;
    this.#continueAt = null;
    this.#positions.set(key, position);
    return position;
  }

  #positionOf(key: string): number {
    return this.#positions.get(key) ?? this.#begin(key, null);
  }

  #text(type: "text" | "reasoning", id: string, text: string): StoredPart[] {
    return text === "" ? [] : [{ type, position: this.#positionOf(`${type} ${id}`), text: wellFormed(text) }];
  }

  #tool(
    call: { toolCallId: string; toolName: string },
    change: Omit<
      Extract<StoredPart, { type: "dynamic-tool" }>,
      "type" | "position" | "toolCallId" | "toolName"
    >,
  ): StoredPart {
    const { toolCallId, toolName } = call;
    return {
      type: "dynamic-tool",
      position: this.#positionOf(`tool ${toolCallId}`),
      toolCallId,
      toolName,
      ...change,
    };
  }
}
