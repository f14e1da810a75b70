import { APICallError } from "@ai-sdk/provider";

/** What a server answered to a request that it refused as it is (a status of 400 to 499); null for any other failure. */
export function refusalOf(error: unknown): string | null {
  if (!APICallError.isInstance(error)) return null;
  const { statusCode = 0, responseBody = "" } = error;
  return statusCode >= 400 && statusCode < 500 ? responseBody : null;
}
