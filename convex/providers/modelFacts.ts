import { EFFORTS, type Effort, type ModelFacts } from "../shared/modelFacts";
import { asArray, asNumber, asRecord, asText, type JsonRecord } from "./wire/json";

/**
 * What an entry of a list of models says of its model, in the words of Anthropic, Google, OpenRouter, xAI, Mistral, Groq, Together, vLLM,
 * LM Studio and llama.cpp. What it does not say is left out.
 */
export function factsIn(entry: unknown): ModelFacts {
  const record = asRecord(entry);
  if (record === null) return {};
  const name = nameIn(record);
  const contextLength = count(
    record.context_length ??
      record.inputTokenLimit ??
      record.max_input_tokens ??
      record.max_model_len ??
      record.max_context_length ??
      record.context_window ??
      // llama.cpp: what it was started with, and what the model could.
      asRecord(record.meta)?.n_ctx ??
      asRecord(record.meta)?.n_ctx_train,
  );
  const maxOutput = count(
    asRecord(record.top_provider)?.max_completion_tokens ??
      record.outputTokenLimit ??
      record.max_tokens ??
      record.max_completion_tokens,
  );
  const prices = pricesIn(record);
  return {
    ...(name !== null && { name }),
    ...inputsIn(record),
    ...abilitiesIn(record),
    ...(contextLength !== null && { contextLength }),
    ...(maxOutput !== null && { maxOutput }),
    ...(prices !== null && { prices }),
  };
}

/** A name for people, where there is one beside the id. Google's `name` is an id. */
function nameIn(record: JsonRecord): string | null {
  const { display_name: anthropic, displayName: google, name, id } = record;
  const text = asText(anthropic) ?? asText(google) ?? (id === undefined ? null : asText(name));
  return text === null || text.trim() === "" || text === id ? null : text.trim();
}

function count(value: unknown): number | null {
  const number = asNumber(value);
  return number === null || number <= 0 ? null : Math.floor(number);
}

/** Which files it reads. */
function inputsIn(record: JsonRecord): Pick<ModelFacts, "images" | "pdf"> {
  const inputs = asArray(asRecord(record.architecture)?.input_modalities ?? record.input_modalities);
  if (inputs.length > 0) {
    // Of xAI's models none says "file", though some read them.
    return {
      images: inputs.includes("image"),
      ...(record.architecture !== undefined && { pdf: inputs.includes("file") }),
    };
  }
  const abilities = asRecord(record.capabilities);
  const images = isSupported(abilities?.image_input) ?? isSupported(abilities?.vision);
  const pdf = isSupported(abilities?.pdf_input);
  return { ...(images !== null && { images }), ...(pdf !== null && { pdf }) };
}

function abilitiesIn(record: JsonRecord): Pick<ModelFacts, "tools" | "reasoning" | "efforts"> {
  const parameters = asArray(record.supported_parameters);
  const abilities = asRecord(record.capabilities);
  const tools =
    parameters.length > 0 ? parameters.includes("tools") : isSupported(abilities?.function_calling);
  const reasoning =
    parameters.length > 0
      ? parameters.includes("reasoning")
      : (isSupported(abilities?.thinking) ?? isSupported(record.thinking));
  const efforts = effortsIn(asRecord(abilities?.effort) ?? asRecord(record.reasoning));
  return {
    ...(tools !== null && { tools }),
    ...(reasoning !== null && { reasoning }),
    ...(efforts.length > 0 && { efforts }),
  };
}

/** Anthropic: `{ supported, low: { supported }, … }`; OpenRouter: `{ supported_efforts: [ … ] }`. */
function effortsIn(efforts: JsonRecord | null): Effort[] {
  const listed = asArray(efforts?.supported_efforts);
  return EFFORTS.filter((effort) => listed.includes(effort) || isSupported(efforts?.[effort]) === true);
}

/** `true`, or Anthropic's `{ supported: true }`. */
function isSupported(value: unknown): boolean | null {
  const supported = asRecord(value)?.supported ?? value;
  return typeof supported === "boolean" ? supported : null;
}

const MILLION = 1_000_000;

/** xAI's prices are in hundredths of a cent for a million tokens. */
const XAI_UNIT = 10_000;

/** Dollars for a million tokens. OpenRouter's are for one; those of its router are -1. */
function pricesIn(record: JsonRecord): NonNullable<ModelFacts["prices"]> | null {
  const pricing = asRecord(record.pricing);
  const of = (input: unknown, output: unknown, cached: unknown, factor: number) => {
    const [a, b, c] = [input, output, cached].map(asNumber);
    if (typeof a !== "number" || typeof b !== "number" || a < 0 || b < 0) return null;
    const cheaper = typeof c === "number" && c > 0 ? { cached: rounded(c * factor) } : {};
    return { input: rounded(a * factor), output: rounded(b * factor), ...cheaper };
  };
  if (pricing?.prompt !== undefined)
    return of(pricing.prompt, pricing.completion, pricing.input_cache_read, MILLION);
  return of(
    record.prompt_text_token_price,
    record.completion_text_token_price,
    record.cached_prompt_text_token_price,
    1 / XAI_UNIT,
  );
}

/** Without the noise of binary fractions. */
const rounded = (dollars: number): number => Number(dollars.toFixed(6));
