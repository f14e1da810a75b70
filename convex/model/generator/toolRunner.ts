import type { ToolExecutionOptions, ToolSet } from "ai";

/** How long one tool call may take. */
const TOOL_LIMIT_MS = 60_000;

/** What the model is told of a call that did not come to its end. */
const TOLD: Record<"cancelled" | "timedOut", string> = {
  cancelled: "The user cancelled this tool call. Go on without it.",
  timedOut: "This tool call took too long and was ended. Go on without it.",
};

export type ToolResult = { output: unknown; endedAt: number };

/**
 * Runs an answer's tool calls so that each can be cancelled, or run out of time, by itself while the run goes on. A tool that
 * does not heed its signal is left behind.
 */
export class ToolRunner {
  readonly #running = new Map<string, (outcome: "cancelled" | "timedOut") => void>();
  readonly #outcomes = new Map<string, "cancelled" | "timedOut">();
  readonly #results = new Map<string, ToolResult>();

  constructor(private readonly runSignal: AbortSignal) {}

  /** The state in which a call that has a result ended. */
  outcome(toolCallId: string): "complete" | "cancelled" | "timedOut" {
    return this.#outcomes.get(toolCallId) ?? "complete";
  }

  /** What a call has given, though the stream may not have said so yet; null while it runs. */
  result(toolCallId: string): ToolResult | null {
    return this.#results.get(toolCallId) ?? null;
  }

  /** Cancels those of the calls that are running; others are no concern. */
  cancel(toolCallIds: readonly string[]): void {
    for (const id of toolCallIds) this.#running.get(id)?.("cancelled");
  }

  wrap(tools: ToolSet): ToolSet {
    const wrapped: ToolSet = {};
    for (const [name, tool] of Object.entries(tools)) {
      const { execute } = tool;
      const run = (input: unknown, options: ToolExecutionOptions) =>
        this.#run(options, (signal) => execute?.(input, { ...options, abortSignal: signal }));
      // The same tool with another `execute`: its kind, which decides the type, stays.
      wrapped[name] = execute ? { ...tool, execute: run } : tool;
    }
    return wrapped;
  }

  async #run(options: ToolExecutionOptions, execute: (signal: AbortSignal) => unknown): Promise<unknown> {
    const { toolCallId } = options;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ended = new Promise<string>((resolve) => {
      const end = (outcome: "cancelled" | "timedOut") => {
        this.#outcomes.set(toolCallId, outcome);
        resolve(TOLD[outcome]);
        abort.abort();
      };
      this.#running.set(toolCallId, end);
      timer = setTimeout(() => end("timedOut"), TOOL_LIMIT_MS);
      if (this.runSignal.aborted) end("cancelled");
      else this.runSignal.addEventListener("abort", () => end("cancelled"), { signal: abort.signal });
    });
    try {
      const output = await Promise.race([ended, Promise.resolve(execute(abort.signal))]);
      this.#results.set(toolCallId, { output, endedAt: Date.now() });
      return output;
    } finally {
      clearTimeout(timer);
      abort.abort();
      this.#running.delete(toolCallId);
    }
  }
}
