import type { Effort, ModelFacts } from "../shared/modelFacts";
import type { ProviderKind } from "../shared/providerConfig";

/**
 * How long models can be told to think. What their ids tell counts when they are asked as it does when they are offered, so that a chat
 * that goes over to another model does not ask it for what it does not know. Checked on 2026-11-22 against copies of the providers' pages
 * (the newest of 2026-11) and what the SDK's packages know of their models.
 */

const THREE: readonly Effort[] = ["low", "medium", "high"];
const NONE: readonly Effort[] = [];

type Rule = readonly [id: RegExp, efforts: readonly Effort[]];

/** The first that holds counts. */
const OPENAI: readonly Rule[] = [
  [/-chat|^o1-(mini|preview)|^gpt-5-pro/, NONE],
  [/-codex/, THREE],
  [/^gpt-5\.\d+-pro/, ["medium", "high", "xhigh"]],
  [/^gpt-5\.1(-|$)/, ["none", ...THREE]],
  [/^gpt-5\.[2-5](-|$)/, ["none", ...THREE, "xhigh"]],
  [/^gpt-5\.\d+|^gpt-6-(sol|luna)|^gpt-6\.1-terra/, ["none", ...THREE, "xhigh", "max"]],
  [/^gpt-5(-mini|-nano)?(-\d|$)/, ["minimal", ...THREE]],
  [/^gpt-([6-9]|\d\d)/, [...THREE, "xhigh", "max"]],
  [/^o\d|^gpt-oss/, THREE],
];

const ANTHROPIC: readonly Rule[] = [
  [/^claude-3-7|^claude-(opus|sonnet|haiku)-4(-[0-5])?(-\d{8}|$)/, ["none", ...THREE]],
  [/^claude-([12]|3-[05]|3-(opus|sonnet|haiku)|instant)/, NONE],
  [/^claude-(opus|sonnet)-4-6/, ["none", ...THREE, "max"]],
  // They cannot but think.
  [/^claude-(fable-5|opus-5-5)/, [...THREE, "xhigh", "max"]],
  [/^claude-(opus-4-[78]|(opus|sonnet)-5|haiku-5-5)/, ["none", ...THREE, "xhigh", "max"]],
];

const GOOGLE: readonly Rule[] = [
  [/image|tts|audio|embedding|live/, NONE],
  [/^gemini-2\.5-flash/, ["none", ...THREE]],
  [/^gemini-2\.5-pro/, THREE],
  [/^gemini-3-pro/, ["low", "high"]],
  [/^gemini-3(\.[1-5])?-flash/, ["minimal", ...THREE]],
  [/^gemini-3(\.\d)?-/, THREE],
];

const XAI: readonly Rule[] = [
  [/^grok-3-mini/, ["low", "high"]],
  [/^grok-4\.3(-|$)/, ["none", ...THREE]],
  [/^grok-4\.5(-|$)/, THREE],
  [/^grok-4\.6(-|$)/, [...THREE, "xhigh"]],
];

const DEEPSEEK: readonly Rule[] = [[/^deepseek-(v[4-9]|flash|pro)/, ["none", "low", "high", "max"]]];

const byRule = (rules: readonly Rule[], id: string): readonly Effort[] | undefined =>
  rules.find(([pattern]) => pattern.test(id))?.[1];

/** What the id tells; null: nothing, so that the provider's list counts. */
function effortsById(kind: ProviderKind, id: string): readonly Effort[] | null {
  switch (kind) {
    case "openai":
    case "azure":
      return byRule(OPENAI, id) ?? NONE;
    case "openaiCompatible":
      // Gateways put the maker's name before it: "openai/gpt-oss-120b".
      return byRule(OPENAI, id.slice(id.lastIndexOf("/") + 1)) ?? NONE;
    case "anthropic":
      return byRule(ANTHROPIC, id) ?? null;
    case "google":
      return byRule(GOOGLE, id) ?? NONE;
    case "openrouter":
      return null;
    case "xai":
      return byRule(XAI, id) ?? NONE;
    case "deepseek":
      return byRule(DEEPSEEK, id) ?? NONE;
    default:
      return kind satisfies never;
  }
}

/** What a person can choose from; none where the model cannot be told. */
export function effortsOf(kind: ProviderKind, id: string, facts: ModelFacts): Effort[] {
  const known = effortsById(kind, id) ?? facts.efforts ?? (facts.reasoning === true ? THREE : NONE);
  return [...known];
}

/** Can the model be told this, as far as its id tells? Those of which only the list tells ignore what they do not know. */
export const takesEffort = (kind: ProviderKind, id: string, effort: Effort): boolean =>
  effortsById(kind, id)?.includes(effort) ?? true;
