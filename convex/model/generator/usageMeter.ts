import type { LanguageModelV3, LanguageModelV3CallOptions } from "@ai-sdk/provider";
import { wrapLanguageModel, type LanguageModelUsage, type TextStreamPart, type ToolSet } from "ai";
import { ProviderFailure } from "../../providers/providerFailure";
import { estimateTokens, PDF_TOKENS, PICTURE_TOKENS } from "../../shared/tokens";
import { MOST_TOKENS_PER_SECOND, LEAST_OUTPUT } from "../spending/reservation";
import type { Allowance, NextRequest } from "../spending/runSpending";
import type { Usage } from "../validators";

/**
 * What the requests of one execution take, as their server tells it with the end of each, and else estimated: from what was sent and what
 * came. Before each request it reserves what that may cost, where a budget holds, and limits the reply to it. [G16]
 */

/** Of a reply whose model's limit is not known. */
const UNKNOWN_OUTPUT = 32_768;

type Told = Pick<LanguageModelUsage, "inputTokens" | "outputTokens" | "totalTokens"> & {
  cachedTokens?: number | undefined;
  reasoningTokens?: number | undefined;
};

type Request = { input: number; beganAt: number; said: string[]; silentMs: number | null; most: number };

/** A model that says nothing for longer than this is thinking. */
const FIRST_WORD_MS = 3_000;

export type MeterOptions = {
  /** Tokens that the model counts for one of ours. */
  scale: number;
  /** The longest reply of the model, where that is known. */
  maxOutput?: number;
  /** Does it have a price? Then thoughts that nobody sees are estimated, too. */
  isPriced: boolean;
  /** Where a budget holds: reserves, or says that nothing is left. */
  reserve: ((next: NextRequest) => Promise<Allowance>) | null;
};

export class UsageMeter {
  readonly #told: Told[] = [];
  readonly #estimated: Usage[] = [];
  #open: Request | null = null;

  constructor(private readonly options: MeterOptions) {}

  /** The model, whose requests count. The stream's parts are told by `note`. */
  wrap(model: LanguageModelV3): LanguageModelV3 {
    return wrapLanguageModel({
      model,
      middleware: {
        specificationVersion: "v3",
        wrapStream: async ({ params, model: inner }) => {
          const input = Math.ceil(tokensOfPrompt(params) * this.options.scale);
          const output = await this.#allowed(input, params);
          const most = output ?? this.options.maxOutput ?? UNKNOWN_OUTPUT;
          this.#open = { input, beganAt: Date.now(), said: [], silentMs: null, most };
          try {
            return await inner.doStream(output === null ? params : { ...params, maxOutputTokens: output });
          } catch (error) {
            // A request that was refused took nothing. One that was given up may be at work.
            if (params.abortSignal?.aborted !== true) this.#open = null;
            throw error;
          }
        },
      },
    });
  }

  /** A part of the stream. */
  note(part: TextStreamPart<ToolSet>): void {
    switch (part.type) {
      case "text-delta":
      case "reasoning-delta":
        this.#heard(part.text);
        return;
      case "tool-input-delta":
        this.#heard(part.delta);
        return;
      case "finish-step": {
        const { inputTokens, outputTokens, totalTokens, inputTokenDetails, outputTokenDetails } = part.usage;
        const { cacheReadTokens: cachedTokens } = inputTokenDetails;
        const { reasoningTokens } = outputTokenDetails;
        if (inputTokens === undefined || outputTokens === undefined) this.#close();
        else this.#told.push({ inputTokens, outputTokens, totalTokens, cachedTokens, reasoningTokens });
        this.#open = null;
        return;
      }
      default:
    }
  }

  #heard(text: string): void {
    if (this.#open === null) return;
    this.#open.silentMs ??= Date.now() - this.#open.beganAt;
    this.#open.said.push(text);
  }

  /** The open request is over, and its server has not told what it took. */
  #close(): void {
    if (this.#open === null) return;
    const { input, said, beganAt, silentMs, most } = this.#open;
    const visible = Math.ceil(estimateTokens(said.join("")) * this.options.scale);
    const thoughtFor = Math.max(0, (silentMs ?? Date.now() - beganAt) - FIRST_WORD_MS) / 1_000;
    const hidden = this.options.isPriced ? Math.ceil(thoughtFor * MOST_TOKENS_PER_SECOND) : 0;
    const outputTokens = Math.max(visible, Math.min(visible + hidden, most));
    this.#estimated.push({ inputTokens: input, outputTokens });
    this.#open = null;
  }

  /** What all requests took; null when none was made. Call it when nothing more comes. */
  usage(): Usage | null {
    this.#close();
    if (this.#told.length + this.#estimated.length === 0) return null;
    const all = [...this.#told, ...this.#estimated];
    const sum = (of: (usage: Told | Usage) => number | undefined): number | undefined =>
      all.reduce<number | undefined>((total, usage) => {
        const tokens = of(usage);
        return tokens === undefined ? total : (total ?? 0) + tokens;
      }, undefined);
    const inputTokens = sum((usage) => usage.inputTokens);
    const outputTokens = sum((usage) => usage.outputTokens);
    const totalTokens = sum((usage) => usage.totalTokens);
    const cachedTokens = sum((usage) => usage.cachedTokens);
    const reasoningTokens = sum((usage) => usage.reasoningTokens);
    return {
      ...(inputTokens !== undefined && { inputTokens }),
      ...(outputTokens !== undefined && { outputTokens }),
      ...(totalTokens !== undefined && this.#estimated.length === 0 && { totalTokens }),
      ...(cachedTokens !== undefined && { cachedTokens }),
      ...(reasoningTokens !== undefined && { reasoningTokens }),
      ...(this.#estimated.length > 0 && { isEstimated: true as const }),
    };
  }

  /** How long the reply may be; null for as long as it gets. Throws when there is not enough left for any. */
  async #allowed(
    input: number,
    { maxOutputTokens: asked, abortSignal }: LanguageModelV3CallOptions,
  ): Promise<number | null> {
    const { reserve, maxOutput } = this.options;
    if (reserve === null) return asked ?? null;
    const mostOutput = Math.min(asked ?? Infinity, maxOutput ?? UNKNOWN_OUTPUT);
    const { inputTokens = 0, cachedTokens = 0, outputTokens = 0 } = this.usage() ?? {};
    const spent = { inputTokens, cachedTokens, outputTokens };
    const leastOutput = Math.min(mostOutput, LEAST_OUTPUT);
    const allowance = await reserve({ spent, input, leastOutput, mostOutput });
    switch (allowance.kind) {
      case "allowed":
        return allowance.output;
      case "refused":
        throw new ProviderFailure({ kind: allowance.scope === "person" ? "budget" : "serverBudget" });
      case "ended":
        // The generator hears of it by its next sign of life.
        return await untilAbort(abortSignal);
      default:
        return allowance satisfies never;
    }
  }
}

/** Rejects when the signal is aborted. */
function untilAbort(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(new Error("The run has ended."));
    if (signal === undefined || signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/** Tokens of a request, rather too many than too few. */
function tokensOfPrompt({ prompt, tools = [] }: LanguageModelV3CallOptions): number {
  let tokens = tools.length === 0 ? 0 : estimateTokens(JSON.stringify(tools));
  for (const { content } of prompt) {
    if (typeof content === "string") {
      tokens += estimateTokens(content) + WRAP_TOKENS;
      continue;
    }
    for (const part of content) {
      if (part.type === "text" || part.type === "reasoning") tokens += estimateTokens(part.text);
      else if (part.type === "file")
        tokens += part.mediaType === "application/pdf" ? PDF_TOKENS : PICTURE_TOKENS;
      else tokens += estimateTokens(JSON.stringify(part));
    }
    tokens += WRAP_TOKENS;
  }
  return tokens;
}

/** What wraps one message. */
const WRAP_TOKENS = 6;
