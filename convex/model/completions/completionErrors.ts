import type { ErrorData } from "../../shared/errors";
import { STATUS_OF_ERROR } from "../chatStream/responses";
import type { EndReason } from "../validators";

/** Failures in the shape that OpenAI's clients read. */

type ApiError = { message: string; type: string; param: string | null; code: string };

/** Pages of every origin may call, as with `/chat-stream`: only a token allows anything. */
export const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "Retry-After, Verbatim-Task, Verbatim-Message",
};

export const preflight = (): Response =>
  new Response(null, {
    status: 204,
    headers: {
      ...CORS,
      "Access-Control-Allow-Methods": "GET, POST",
      "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, OpenAI-Beta, User-Agent",
      "Access-Control-Max-Age": "86400",
    },
  });

/** The expected failures of a send. */
export function failed({ code, message, retryAfterMs }: ErrorData): Response {
  const headers: Record<string, string> = {};
  if (code === "UNAUTHENTICATED") headers["WWW-Authenticate"] = "Bearer";
  if (retryAfterMs !== undefined) headers["Retry-After"] = String(Math.ceil(retryAfterMs / 1_000));
  const status = code === "MODEL_NOT_OFFERED" ? 404 : STATUS_OF_ERROR[code];
  return errorResponse(status, { message, ...namesOf(code) }, headers);
}

function namesOf(code: ErrorData["code"]): Omit<ApiError, "message"> {
  switch (code) {
    case "UNAUTHENTICATED":
      return { type: "invalid_request_error", param: null, code: "invalid_api_key" };
    case "MODEL_NOT_OFFERED":
      return { type: "invalid_request_error", param: "model", code: "model_not_found" };
    case "RATE_LIMITED":
      return { type: "requests", param: null, code: "rate_limit_exceeded" };
    default:
      return { type: "invalid_request_error", param: null, code: code.toLowerCase() };
  }
}

/** Ends without a whole answer. `stopped`: by its person, in the page; what there is of it is in the chat, and is not passed off as an answer. [G12] */
const STATUS_OF_END = { providerError: 502, timedOut: 504, crashed: 500, stopped: 409 } as const;

type BrokenEnd = { endReason: keyof typeof STATUS_OF_END; errorMessage: string | null };

/** How an answer broke off; null for one that is whole. `end` null: it waits for a person, which nobody here can be. */
export function brokenEnd(
  end: { endReason: EndReason; errorMessage: string | null } | null,
): BrokenEnd | null {
  if (end === null) return { endReason: "crashed", errorMessage: null };
  const { endReason, errorMessage } = end;
  return isBroken(endReason) ? { endReason, errorMessage } : null;
}

const isBroken = (endReason: EndReason): endReason is BrokenEnd["endReason"] => endReason in STATUS_OF_END;

export const endError = (endReason: BrokenEnd["endReason"], message: string | null): ApiError => ({
  message: message ?? (endReason === "stopped" ? "The reply was stopped." : "The reply broke off."),
  ...{ type: "server_error", param: null, code: endReason },
});

export const endResponse = (
  endReason: BrokenEnd["endReason"],
  message: string | null,
  headers: Record<string, string>,
): Response => errorResponse(STATUS_OF_END[endReason], endError(endReason, message), headers);

function errorResponse(status: number, error: ApiError, headers: Record<string, string>): Response {
  return Response.json({ error }, { status, headers: { ...CORS, "Cache-Control": "no-store", ...headers } });
}
