import { asNumber, asRecord, type JsonRecord } from "./json";

/** The error that a value of a stream or a plain reply tells of, in any of the shapes that are known; null when it tells of none. */
export function errorIn(value: unknown): unknown {
  if (Array.isArray(value)) return errorIn((value as unknown[])[0]);
  const record = asRecord(value);
  if (record === null) return null;
  if (isError(record.error)) return record.error;
  // vLLM; OpenAI's event.
  if (record.object === "error" || record.type === "error") return record;
  // MiniMax.
  if ((asNumber(asRecord(record.base_resp)?.status_code) ?? 0) !== 0) return record;
  // OpenRouter.
  if (Array.isArray(record.choices)) return asRecord(asRecord(record.choices[0])?.error);
  return isErrorBody(record) ? record : null;
}

/** Some servers say `error: null` or `error: {}` in each chunk. */
function isError(error: unknown): boolean {
  if (typeof error === "string") return error.trim() !== "";
  if (Array.isArray(error)) return error.length > 0;
  const record = asRecord(error);
  return record !== null && Object.keys(record).length > 0;
}

/** FastAPI's `detail`, Cloudflare's `errors`, Baidu's `error_msg`; or a `message` and nothing that a chunk has. */
function isErrorBody({
  choices,
  usage,
  type,
  object,
  detail,
  errors,
  error_msg: errorMsg,
  message,
}: JsonRecord): boolean {
  if (choices !== undefined || usage !== undefined) return false;
  if (detail !== undefined || errorMsg !== undefined || (Array.isArray(errors) && errors.length > 0))
    return true;
  return typeof message === "string" && type !== "ping" && typeof object !== "string";
}
