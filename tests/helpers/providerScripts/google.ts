/** Google's Gemini API. Forms: its reference of `streamGenerateContent`, of grounding, of thinking and of error codes (google.rpc). */
import {
  PNG,
  SOURCES,
  TEXT,
  THOUGHTS,
  tokensOf,
  type ProviderScript,
  type Refusal,
} from "./providerScript.ts";

const chunk = (parts: object[], more: object = {}): string =>
  `data: ${JSON.stringify({
    candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
    usageMetadata: {
      ...{ promptTokenCount: 12, candidatesTokenCount: 24, totalTokenCount: 52, thoughtsTokenCount: 16 },
      promptTokensDetails: [{ modality: "TEXT", tokenCount: 12 }],
    },
    ...{ modelVersion: "gemini-3.5-flash", responseId: "RGVhciByZWFkZXI" },
  })}\r\n\r\n`;

const thoughts = tokensOf(THOUGHTS)
  .map((text) => chunk([{ text, thought: true }]))
  .join("");
const words = (text: string) =>
  tokensOf(text)
    .map((word) => chunk([{ text: word }]))
    .join("");

const GROUNDING = {
  groundingMetadata: {
    searchEntryPoint: { renderedContent: '<div class="container"></div>' },
    groundingChunks: SOURCES.map((uri, n) => ({ web: { uri, title: `source${n + 1}.test` } })),
    groundingSupports: [
      { segment: { startIndex: 0, endIndex: 9, text: "…" }, groundingChunkIndices: [0, 1] },
    ],
    webSearchQueries: ["world"],
  },
};

const error = (
  status: number,
  kind: Refusal["kind"],
  name: string,
  message: string,
  details?: object[],
): Refusal => ({
  ...{ status, kind },
  body: { error: { code: status, message, status: name, ...(details && { details }) } },
});

export const google: ProviderScript = {
  config: { kind: "google" },
  model: "gemini-3.5-flash",
  list: {
    models: [
      ["gemini-3.5-flash", "generateContent"],
      ["gemini-embedding-001", "embedContent"],
    ].map(([name, method]) => ({
      ...{ name: `models/${name ?? ""}`, version: "001", displayName: name, inputTokenLimit: 1_048_576 },
      ...{ outputTokenLimit: 65_536, supportedGenerationMethods: [method, "countTokens"], thinking: true },
    })),
  },
  rich:
    thoughts +
    words(TEXT) +
    chunk([{ inlineData: { mimeType: "image/png", data: PNG }, thoughtSignature: "CsgB" }]) +
    chunk([{ text: "", thoughtSignature: "EpQBCpEB" }], { finishReason: "STOP", ...GROUNDING }),
  stored: { text: TEXT, thoughts: THOUGHTS, sources: SOURCES, pictures: 1 },
  tool: (name, args) =>
    thoughts +
    chunk([{ functionCall: { name, args }, thoughtSignature: "CsgB" }]) +
    chunk([{ text: "" }], { finishReason: "STOP" }),
  refusal: chunk([], {
    ...{ finishReason: "SAFETY" },
    safetyRatings: [{ category: "HARM_CATEGORY_DANGEROUS_CONTENT", probability: "HIGH", blocked: true }],
  }),
  broken: (secret) =>
    thoughts +
    words("So far") +
    `data: ${JSON.stringify({ error: { code: 503, message: `The model is overloaded. key=${secret}`, status: "UNAVAILABLE" } })}\r\n\r\n`,
  refusals: (secret) => [
    error(400, "key", "INVALID_ARGUMENT", `API key not valid. Please pass a valid API key. ${secret}`, [
      {
        ...{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" },
        ...{
          domain: "googleapis.com",
          metadata: { service: "generativelanguage.googleapis.com", key: secret },
        },
      },
    ]),
    error(
      404,
      "modelMissing",
      "NOT_FOUND",
      `models/gemini-9 is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods. ${secret}`,
    ),
    error(
      400,
      "contextTooLong",
      "INVALID_ARGUMENT",
      `The input token count (1200000) exceeds the maximum number of tokens allowed (1048575). ${secret}`,
    ),
    error(
      429,
      "rateLimit",
      "RESOURCE_EXHAUSTED",
      `You exceeded your current quota, please check your plan and billing details. ${secret}`,
      [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34s" }],
    ),
    error(
      403,
      "forbidden",
      "PERMISSION_DENIED",
      `Generative Language API has not been used in project 1 before or it is disabled. ${secret}`,
    ),
    error(503, "serverProblem", "UNAVAILABLE", `The model is overloaded. Please try again later. ${secret}`),
    error(500, "serverProblem", "INTERNAL", `An internal error has occurred. Please retry. ${secret}`),
    error(504, "serverProblem", "DEADLINE_EXCEEDED", `The request timed out. Please try again. ${secret}`),
  ],
};
