import type { ErrorCode, ErrorData } from "../../shared/errors";
import type { EndReason } from "../validators";

/** The HTTP face of `/chat-stream`: statuses, headers, errors as JSON. */

/** Names of the headers that say which chat and which answer this is. */
export const TASK_HEADER = "Verbatim-Task";
export const MESSAGE_HEADER = "Verbatim-Message";
/** How the answer ended, when that was known before its first byte was sent. */
export const END_HEADER = "Verbatim-End-Reason";

/**
 * Pages of every origin may call: nothing is allowed by cookies, only by a token that the page must have been given. [E16] is
 * about the API, by which guests are made.
 */
const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": `${TASK_HEADER}, ${MESSAGE_HEADER}, ${END_HEADER}, Retry-After`,
};

export const preflight = (): Response =>
  new Response(null, {
    status: 204,
    headers: {
      ...CORS,
      "Access-Control-Allow-Methods": "POST",
      "Access-Control-Allow-Headers": "Authorization, Content-Type",
      "Access-Control-Max-Age": "86400",
    },
  });

/** Of the failures of a send over HTTP. */
export const STATUS_OF_ERROR: Record<ErrorCode, number> = {
  UNAUTHENTICATED: 401,
  ACCOUNT_DISABLED: 403,
  NOT_ALLOWED: 403,
  WRONG_CREDENTIALS: 403,
  WRONG_CODE: 403,
  WEAK_PASSWORD: 400,
  NAME_TAKEN: 409,
  LINK_ENDED: 410,
  SIGN_IN_ENDED: 410,
  PROVIDER_FAILED: 502,
  NOT_FOUND: 404,
  INVALID_INPUT: 400,
  MESSAGE_TOO_LONG: 413,
  GENERATION_IN_PROGRESS: 409,
  MODEL_NOT_OFFERED: 400,
  OWN_KEYS_OFF: 403,
  KEY_REFUSED: 400,
  SIGN_IN_FAILED: 502,
  RATE_LIMITED: 429,
  BUDGET_USED_UP: 402,
  QUEUE_FULL: 409,
  NOT_CONTINUABLE: 409,
  TOO_MANY_VARIANTS: 409,
  TOO_FAR_BACK: 409,
  FILE_NOT_FOUND: 404,
  FILE_TYPE: 415,
  FILE_TOO_LARGE: 413,
  STORAGE_FULL: 413,
  TOO_MANY_FILES: 413,
};

/** The expected failures of `messages.send`, by their codes. */
export function errorResponse(data: ErrorData): Response {
  const headers: Record<string, string> = {};
  if (data.code === "UNAUTHENTICATED") headers["WWW-Authenticate"] = "Bearer";
  if (data.retryAfterMs !== undefined) headers["Retry-After"] = String(Math.ceil(data.retryAfterMs / 1_000));
  return json(STATUS_OF_ERROR[data.code], data, headers);
}

/** The prompt waits in the chat's queue; the same request later gets its answer. */
export function queuedResponse(taskId: string): Response {
  const message = "The message waits in the chat's queue. Send the same request again to get its answer.";
  return json(202, { status: "queued", taskId, message }, { "Retry-After": "2" });
}

/** The answer's person must approve a tool call first. */
export function awaitingApprovalResponse(taskId: string, headers: Record<string, string>): Response {
  const message =
    "The answer waits for a tool call to be approved in the page. Send the same request again later.";
  return json(202, { status: "awaitingApproval", taskId, message }, headers);
}

/** Ends that are no answer. The others are, however short. */
export function isFailed(endReason: EndReason): endReason is keyof typeof STATUS_OF_END {
  return endReason in STATUS_OF_END;
}

const STATUS_OF_END = { providerError: 502, timedOut: 504, crashed: 500 } as const;

/** The answer failed, and none of it was sent. */
export function failedResponse(
  endReason: keyof typeof STATUS_OF_END,
  message: string,
  headers: Record<string, string>,
): Response {
  return json(STATUS_OF_END[endReason], { code: "RUN_FAILED", endReason, message }, headers);
}

export function streamResponse(
  contentType: string,
  headers: Record<string, string>,
  body: ReadableStream<Uint8Array>,
): Response {
  return new Response(body, {
    headers: {
      ...CORS,
      ...headers,
      "Content-Type": `${contentType}; charset=utf-8`,
      "Cache-Control": "no-store",
      // Proxies that gather what they pass on would hold the text back.
      "X-Accel-Buffering": "no",
    },
  });
}

function json(status: number, body: object, headers: Record<string, string>): Response {
  return Response.json(body, { status, headers: { ...CORS, "Cache-Control": "no-store", ...headers } });
}
