/* eslint-disable */
/**
 * Generated `api` utility.
 *
 * THIS CODE IS AUTOMATICALLY GENERATED.
 *
 * To regenerate, run `npx convex dev`.
 * @module
 */

import type * as auth from "../auth.js";
import type * as crons from "../crons.js";
import type * as drafts from "../drafts.js";
import type * as generate from "../generate.js";
import type * as generation from "../generation.js";
import type * as http from "../http.js";
import type * as messages from "../messages.js";
import type * as metrics from "../metrics.js";
import type * as model_answers from "../model/answers.js";
import type * as model_content from "../model/content.js";
import type * as model_functions from "../model/functions.js";
import type * as model_generationLock from "../model/generationLock.js";
import type * as model_log from "../model/log.js";
import type * as model_metrics from "../model/metrics.js";
import type * as model_pages from "../model/pages.js";
import type * as model_rateLimit from "../model/rateLimit.js";
import type * as model_receipts from "../model/receipts.js";
import type * as model_runs from "../model/runs.js";
import type * as model_settings from "../model/settings.js";
import type * as model_tasks from "../model/tasks.js";
import type * as model_validators from "../model/validators.js";
import type * as models from "../models.js";
import type * as queue from "../queue.js";
import type * as recovery from "../recovery.js";
import type * as search from "../search.js";
import type * as shared_errors from "../shared/errors.js";
import type * as shared_limits from "../shared/limits.js";
import type * as shared_parts from "../shared/parts.js";
import type * as streaming from "../streaming.js";
import type * as streamingResponses from "../streamingResponses.js";
import type * as tasks from "../tasks.js";

import type {
  ApiFromModules,
  FilterApi,
  FunctionReference,
} from "convex/server";

declare const fullApi: ApiFromModules<{
  auth: typeof auth;
  crons: typeof crons;
  drafts: typeof drafts;
  generate: typeof generate;
  generation: typeof generation;
  http: typeof http;
  messages: typeof messages;
  metrics: typeof metrics;
  "model/answers": typeof model_answers;
  "model/content": typeof model_content;
  "model/functions": typeof model_functions;
  "model/generationLock": typeof model_generationLock;
  "model/log": typeof model_log;
  "model/metrics": typeof model_metrics;
  "model/pages": typeof model_pages;
  "model/rateLimit": typeof model_rateLimit;
  "model/receipts": typeof model_receipts;
  "model/runs": typeof model_runs;
  "model/settings": typeof model_settings;
  "model/tasks": typeof model_tasks;
  "model/validators": typeof model_validators;
  models: typeof models;
  queue: typeof queue;
  recovery: typeof recovery;
  search: typeof search;
  "shared/errors": typeof shared_errors;
  "shared/limits": typeof shared_limits;
  "shared/parts": typeof shared_parts;
  streaming: typeof streaming;
  streamingResponses: typeof streamingResponses;
  tasks: typeof tasks;
}>;

/**
 * A utility for referencing Convex functions in your app's public API.
 *
 * Usage:
 * ```js
 * const myFunctionReference = api.myModule.myFunction;
 * ```
 */
export declare const api: FilterApi<
  typeof fullApi,
  FunctionReference<any, "public">
>;

/**
 * A utility for referencing Convex functions in your app's internal API.
 *
 * Usage:
 * ```js
 * const myFunctionReference = internal.myModule.myFunction;
 * ```
 */
export declare const internal: FilterApi<
  typeof fullApi,
  FunctionReference<any, "internal">
>;

export declare const components: {
  persistentTextStreaming: import("@convex-dev/persistent-text-streaming/_generated/component.js").ComponentApi<"persistentTextStreaming">;
};
