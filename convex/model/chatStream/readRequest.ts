import type { Infer } from "convex/values";
import { failure } from "../../shared/errors";
import { vWhenBusy } from "../validators";

/** Bytes of a request. The longest prompt needs 600,000 when each character is written as a JSON escape. */
const MAX_BODY_BYTES = 1_048_576;

export type ChatStreamRequest = {
  taskId: string | null;
  clientMessageId: string;
  content: string;
  model?: string;
  whenBusy?: Infer<typeof vWhenBusy>;
};

const FIELDS = ["taskId", "clientMessageId", "content", "model", "whenBusy"];

/** What the caller wants. Errors: INVALID_INPUT, MESSAGE_TOO_LONG. */
export async function readRequest(request: Request): Promise<ChatStreamRequest> {
  const body = parseObject(await readText(request));
  const unknown = Object.keys(body).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) throw invalid(`there is no field "${unknown}"; there are ${FIELDS.join(", ")}`);
  const model = optionalString(body, "model");
  const whenBusy = optionalString(body, "whenBusy");
  return {
    taskId: optionalString(body, "taskId") ?? null,
    clientMessageId: requiredString(body, "clientMessageId"),
    content: requiredString(body, "content"),
    ...(model !== undefined && { model }),
    ...(whenBusy !== undefined && { whenBusy: toWhenBusy(whenBusy) }),
  };
}

async function readText(request: Request): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = request.body?.getReader();
  let text = "";
  for (let size = 0; reader;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > MAX_BODY_BYTES) {
      await reader.cancel();
      throw failure("MESSAGE_TOO_LONG", `A request may have ${MAX_BODY_BYTES.toLocaleString("en")} bytes.`);
    }
    text += decode(() => decoder.decode(value, { stream: true }));
  }
  return text + decode(() => decoder.decode());
}

function decode(read: () => string): string {
  try {
    return read();
  } catch {
    throw invalid("it is not UTF-8");
  }
}

function parseObject(text: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw invalid("it is not JSON");
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalid("it is not an object");
  return body as Record<string, unknown>;
}

function optionalString(body: Record<string, unknown>, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(`"${name}" is not a string`);
  return value;
}

function requiredString(body: Record<string, unknown>, name: string): string {
  const value = optionalString(body, name);
  if (value === undefined) throw invalid(`"${name}" is missing`);
  return value;
}

function toWhenBusy(value: string): Infer<typeof vWhenBusy> {
  const known = vWhenBusy.members.map((member) => member.value).find((name) => name === value);
  if (known === undefined) throw invalid(`"whenBusy" is "reject", "queue" or "interrupt"`);
  return known;
}

function invalid(reason: string) {
  return failure("INVALID_INPUT", `The request's body cannot be used: ${reason}.`);
}
