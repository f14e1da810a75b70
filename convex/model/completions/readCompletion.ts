import { MAX_CLIENT_ID_CHARS, MAX_PROMPT_CHARS } from "../../shared/limits";
import type { ChatSettings } from "../../shared/chatSettings";
import { failure } from "../../shared/errors";
import { digestOf } from "../accounts/secrets";
import { readDataUrl, type RequestImage } from "./dataUrl";

/**
 * Reads the body of `POST /v1/chat/completions` (OpenAI's "Chat Completions"). What Verbatim cannot do is refused by its name, and never left
 * out in silence; what changes no answer is ignored.
 */

export type Turn = { role: "user" | "assistant"; text: string; images: RequestImage[] };

export type Completion = {
  model: string | undefined;
  /** All system and developer messages. */
  system: string;
  /** What comes before the prompt. */
  history: Turn[];
  prompt: Turn;
  settings: ChatSettings;
  stream: boolean;
  includeUsage: boolean;
};

/** Bytes of a request: 4 MiB of images are 5.4 MiB in base64. */
const MAX_BODY_BYTES = 7 * 1024 * 1024;
/** Characters of all messages together, and how many there may be: what one mutation can store. */
const MAX_CHARS = 1_000_000;
const MAX_MESSAGES = 500;

/** They change no answer. */
const IGNORED = new Set([
  ...["user", "metadata", "store", "service_tier", "seed", "parallel_tool_calls"],
  ...["prompt_cache_key", "prompt_cache_retention", "safety_identifier"],
]);

/** What asks for nothing when it has this value. Any other is refused. */
const NEUTRAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value === 1,
  frequency_penalty: (value) => value === 0,
  presence_penalty: (value) => value === 0,
  logprobs: (value) => value === false,
  logit_bias: isEmpty,
  stop: isEmpty,
  tools: isEmpty,
  tool_choice: (value) => value === "none" || value === "auto",
  functions: isEmpty,
  response_format: (value) => isObject(value) && value["type"] === "text",
  modalities: (value) => Array.isArray(value) && value.every((modality) => modality === "text"),
};

const READ = new Set([
  ...["model", "messages", "stream", "stream_options", "temperature", "top_p"],
  ...["max_tokens", "max_completion_tokens", "reasoning_effort"],
]);

/** Errors: INVALID_INPUT, MESSAGE_TOO_LONG. */
export async function readCompletion(request: Request): Promise<Completion> {
  const text = await request.text();
  if (text.length > MAX_BODY_BYTES)
    throw failure("MESSAGE_TOO_LONG", `A request may have ${MAX_BODY_BYTES.toLocaleString("en")} bytes.`);
  const body = parse(text);
  for (const [name, value] of Object.entries(body)) {
    if (value === null || READ.has(name) || IGNORED.has(name)) continue;
    if (NEUTRAL[name]?.(value) !== true) throw invalid(`"${name}" is not supported here`);
  }
  const turns = readTurns(body["messages"]);
  const prompt = turns.turns.pop();
  if (prompt?.role !== "user") throw invalid('the last of "messages" must be of role "user"');
  const options = body["stream_options"];
  return {
    model: optional(body, "model", "string"),
    ...{ system: turns.system, history: turns.turns, prompt },
    settings: readSettings(body),
    stream: optional(body, "stream", "boolean") ?? false,
    includeUsage: isObject(options) && options["include_usage"] === true,
  };
}

/** The name under which the request is answered once: that of its `Idempotency-Key`, or one of its own. */
export async function requestName(request: Request): Promise<{ name: string; isRepeatable: boolean }> {
  const key = request.headers.get("Idempotency-Key")?.trim() ?? "";
  if (key === "") return { name: `v1-${crypto.randomUUID()}`, isRepeatable: false };
  const name = `v1-${await digestOf(key)}`;
  return { name: name.slice(0, MAX_CLIENT_ID_CHARS), isRepeatable: true };
}

function readSettings(body: Json): ChatSettings {
  const temperature = optional(body, "temperature", "number");
  const topP = optional(body, "top_p", "number");
  const maxOutputTokens =
    optional(body, "max_completion_tokens", "number") ?? optional(body, "max_tokens", "number");
  const effort = optional(body, "reasoning_effort", "string");
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(effort !== undefined && { effort: effortOf(effort) }),
  };
}

const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh"] as const;

function effortOf(text: string): (typeof EFFORTS)[number] {
  const effort = EFFORTS.find((known) => known === text);
  if (effort === undefined) throw invalid(`"reasoning_effort" is one of ${EFFORTS.join(", ")}`);
  return effort;
}

/** Messages of one role in a row are one turn, since a chat's prompts and answers take turns. */
function readTurns(messages: unknown): { system: string; turns: Turn[] } {
  if (!Array.isArray(messages) || messages.length === 0) throw invalid('"messages" is missing');
  if (messages.length > MAX_MESSAGES) throw invalid(`"messages" may have ${MAX_MESSAGES} messages`);
  const system: string[] = [];
  const turns: Turn[] = [];
  let chars = 0;
  for (const [index, message] of (messages as unknown[]).entries()) {
    const at = `messages[${index}]`;
    if (!isObject(message)) throw invalid(`"${at}" is not an object`);
    const { text, images } = readContent(message, at);
    chars += text.length;
    const role = message["role"];
    switch (role) {
      case "system":
      case "developer":
        system.push(text);
        break;
      case "user":
      case "assistant":
        addTurn(turns, { role, text, images });
        break;
      default:
        throw invalid(
          `"${at}.role" is ${JSON.stringify(role)}; supported are system, developer, user, assistant`,
        );
    }
  }
  if (chars > MAX_CHARS || system.join("\n\n").length > MAX_PROMPT_CHARS || turns.some(isTooLong))
    throw failure(
      "MESSAGE_TOO_LONG",
      `A message may have ${MAX_PROMPT_CHARS.toLocaleString("en")} characters, and all together ${MAX_CHARS.toLocaleString("en")}.`,
    );
  return { system: system.filter((text) => text.trim() !== "").join("\n\n"), turns };
}

const isTooLong = ({ text }: Turn): boolean => text.length > MAX_PROMPT_CHARS;

function addTurn(turns: Turn[], turn: Turn): void {
  const last = turns.at(-1);
  if (last?.role !== turn.role) {
    turns.push(turn);
    return;
  }
  last.text = [last.text, turn.text].filter((text) => text !== "").join("\n\n");
  last.images.push(...turn.images);
}

function readContent(message: Json, at: string): Pick<Turn, "text" | "images"> {
  for (const name of ["tool_calls", "function_call", "audio"])
    if (!isEmpty(message[name])) throw invalid(`"${at}.${name}" is not supported here`);
  const { content } = message;
  if (typeof content === "string") return { text: content, images: [] };
  if (content === null || content === undefined) return { text: "", images: [] };
  if (!Array.isArray(content)) throw invalid(`"${at}.content" is neither a string nor an array`);
  const texts: string[] = [];
  const images: RequestImage[] = [];
  for (const part of content as unknown[]) {
    if (isObject(part) && part["type"] === "text" && typeof part["text"] === "string")
      texts.push(part["text"]);
    else if (isObject(part) && part["type"] === "image_url" && message["role"] === "user")
      images.push(readDataUrl(isObject(part["image_url"]) ? part["image_url"]["url"] : undefined, at));
    else
      throw invalid(
        `"${at}.content" has a part of type ${JSON.stringify(isObject(part) ? part["type"] : part)}, which is not supported here`,
      );
  }
  return { text: texts.join("\n\n"), images };
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

function parse(text: string): Json {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw invalid("it is not JSON");
  }
  if (!isObject(body)) throw invalid("it is not an object");
  return body;
}

type Types = { string: string; number: number; boolean: boolean };

function optional<Type extends keyof Types>(body: Json, name: string, type: Type): Types[Type] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== type) throw invalid(`"${name}" is not a ${type}`);
  return value as Types[Type];
}

export const invalid = (reason: string) =>
  failure("INVALID_INPUT", `The request's body cannot be used: ${reason}.`);
