/* eslint-disable */
/**
 * Generated `api` utility.
 *
 * THIS CODE IS AUTOMATICALLY GENERATED.
 *
 * To regenerate, run `npx convex dev`.
 * @module
 */

import type * as attachments from "../attachments.js";
import type * as auth from "../auth.js";
import type * as chatStream from "../chatStream.js";
import type * as crons from "../crons.js";
import type * as drafts from "../drafts.js";
import type * as followUps from "../followUps.js";
import type * as generate from "../generate.js";
import type * as generation from "../generation.js";
import type * as http from "../http.js";
import type * as instructions from "../instructions.js";
import type * as messages from "../messages.js";
import type * as metrics from "../metrics.js";
import type * as model_answers from "../model/answers.js";
import type * as model_attachments from "../model/attachments.js";
import type * as model_authTables from "../model/authTables.js";
import type * as model_busy from "../model/busy.js";
import type * as model_chatStream_answerBody from "../model/chatStream/answerBody.js";
import type * as model_chatStream_chatStream from "../model/chatStream/chatStream.js";
import type * as model_chatStream_followAnswer from "../model/chatStream/followAnswer.js";
import type * as model_chatStream_readAnswer from "../model/chatStream/readAnswer.js";
import type * as model_chatStream_readRequest from "../model/chatStream/readRequest.js";
import type * as model_chatStream_responses from "../model/chatStream/responses.js";
import type * as model_chatStream_runAndFollow from "../model/chatStream/runAndFollow.js";
import type * as model_chatStream_sendFromScript from "../model/chatStream/sendFromScript.js";
import type * as model_content from "../model/content.js";
import type * as model_continueAnswer from "../model/continueAnswer.js";
import type * as model_drafts from "../model/drafts.js";
import type * as model_endRun from "../model/endRun.js";
import type * as model_exchange from "../model/exchange.js";
import type * as model_expiry from "../model/expiry.js";
import type * as model_fileExpiry from "../model/fileExpiry.js";
import type * as model_followUpText from "../model/followUpText.js";
import type * as model_followUps from "../model/followUps.js";
import type * as model_functions from "../model/functions.js";
import type * as model_generationLock from "../model/generationLock.js";
import type * as model_generator_answerWriter from "../model/generator/answerWriter.js";
import type * as model_generator_askModel from "../model/generator/askModel.js";
import type * as model_generator_followUpsTask from "../model/generator/followUpsTask.js";
import type * as model_generator_generateAnswer from "../model/generator/generateAnswer.js";
import type * as model_generator_generateFollowUps from "../model/generator/generateFollowUps.js";
import type * as model_generator_generateTitle from "../model/generator/generateTitle.js";
import type * as model_generator_generationEnd from "../model/generator/generationEnd.js";
import type * as model_generator_historyBytes from "../model/generator/historyBytes.js";
import type * as model_generator_limits from "../model/generator/limits.js";
import type * as model_generator_modelMessages from "../model/generator/modelMessages.js";
import type * as model_generator_partMapper from "../model/generator/partMapper.js";
import type * as model_generator_pause from "../model/generator/pause.js";
import type * as model_generator_providerErrors from "../model/generator/providerErrors.js";
import type * as model_generator_quotedExchange from "../model/generator/quotedExchange.js";
import type * as model_generator_requestRetries from "../model/generator/requestRetries.js";
import type * as model_generator_retryAfter from "../model/generator/retryAfter.js";
import type * as model_generator_storableValue from "../model/generator/storableValue.js";
import type * as model_generator_toolRunner from "../model/generator/toolRunner.js";
import type * as model_generator_untilAborted from "../model/generator/untilAborted.js";
import type * as model_generator_withRetries from "../model/generator/withRetries.js";
import type * as model_historyFiles from "../model/historyFiles.js";
import type * as model_instructions from "../model/instructions.js";
import type * as model_liveTail from "../model/liveTail.js";
import type * as model_log from "../model/log.js";
import type * as model_messageViews from "../model/messageViews.js";
import type * as model_messages from "../model/messages.js";
import type * as model_metrics from "../model/metrics.js";
import type * as model_overview from "../model/overview.js";
import type * as model_pages from "../model/pages.js";
import type * as model_path from "../model/path.js";
import type * as model_promptFiles from "../model/promptFiles.js";
import type * as model_queue from "../model/queue.js";
import type * as model_queueStart from "../model/queueStart.js";
import type * as model_rateLimit from "../model/rateLimit.js";
import type * as model_receipts from "../model/receipts.js";
import type * as model_removal from "../model/removal.js";
import type * as model_replyText from "../model/replyText.js";
import type * as model_runInput from "../model/runInput.js";
import type * as model_runWrites from "../model/runWrites.js";
import type * as model_runs from "../model/runs.js";
import type * as model_search from "../model/search.js";
import type * as model_searchTexts from "../model/searchTexts.js";
import type * as model_send from "../model/send.js";
import type * as model_settings from "../model/settings.js";
import type * as model_snippet from "../model/snippet.js";
import type * as model_startPrompt from "../model/startPrompt.js";
import type * as model_stop from "../model/stop.js";
import type * as model_tasks from "../model/tasks.js";
import type * as model_titleText from "../model/titleText.js";
import type * as model_titles from "../model/titles.js";
import type * as model_toolCalls from "../model/toolCalls.js";
import type * as model_toolFragments from "../model/toolFragments.js";
import type * as model_validators from "../model/validators.js";
import type * as model_variants from "../model/variants.js";
import type * as models from "../models.js";
import type * as providers_connectModel from "../providers/connectModel.js";
import type * as providers_demo from "../providers/demo.js";
import type * as providers_demoReplies from "../providers/demoReplies.js";
import type * as providers_fetchModelIds from "../providers/fetchModelIds.js";
import type * as providers_listModels from "../providers/listModels.js";
import type * as providers_openai from "../providers/openai.js";
import type * as providers_openaiCompatible from "../providers/openaiCompatible.js";
import type * as providers_settings from "../providers/settings.js";
import type * as providers_tools from "../providers/tools.js";
import type * as queue from "../queue.js";
import type * as recovery from "../recovery.js";
import type * as search from "../search.js";
import type * as shared_endReasons from "../shared/endReasons.js";
import type * as shared_errors from "../shared/errors.js";
import type * as shared_files from "../shared/files.js";
import type * as shared_limits from "../shared/limits.js";
import type * as shared_parts from "../shared/parts.js";
import type * as shared_plainText from "../shared/plainText.js";
import type * as shared_text from "../shared/text.js";
import type * as streaming from "../streaming.js";
import type * as streamingResponses from "../streamingResponses.js";
import type * as tasks from "../tasks.js";
import type * as titles from "../titles.js";

import type {
  ApiFromModules,
  FilterApi,
  FunctionReference,
} from "convex/server";

declare const fullApi: ApiFromModules<{
  attachments: typeof attachments;
  auth: typeof auth;
  chatStream: typeof chatStream;
  crons: typeof crons;
  drafts: typeof drafts;
  followUps: typeof followUps;
  generate: typeof generate;
  generation: typeof generation;
  http: typeof http;
  instructions: typeof instructions;
  messages: typeof messages;
  metrics: typeof metrics;
  "model/answers": typeof model_answers;
  "model/attachments": typeof model_attachments;
  "model/authTables": typeof model_authTables;
  "model/busy": typeof model_busy;
  "model/chatStream/answerBody": typeof model_chatStream_answerBody;
  "model/chatStream/chatStream": typeof model_chatStream_chatStream;
  "model/chatStream/followAnswer": typeof model_chatStream_followAnswer;
  "model/chatStream/readAnswer": typeof model_chatStream_readAnswer;
  "model/chatStream/readRequest": typeof model_chatStream_readRequest;
  "model/chatStream/responses": typeof model_chatStream_responses;
  "model/chatStream/runAndFollow": typeof model_chatStream_runAndFollow;
  "model/chatStream/sendFromScript": typeof model_chatStream_sendFromScript;
  "model/content": typeof model_content;
  "model/continueAnswer": typeof model_continueAnswer;
  "model/drafts": typeof model_drafts;
  "model/endRun": typeof model_endRun;
  "model/exchange": typeof model_exchange;
  "model/expiry": typeof model_expiry;
  "model/fileExpiry": typeof model_fileExpiry;
  "model/followUpText": typeof model_followUpText;
  "model/followUps": typeof model_followUps;
  "model/functions": typeof model_functions;
  "model/generationLock": typeof model_generationLock;
  "model/generator/answerWriter": typeof model_generator_answerWriter;
  "model/generator/askModel": typeof model_generator_askModel;
  "model/generator/followUpsTask": typeof model_generator_followUpsTask;
  "model/generator/generateAnswer": typeof model_generator_generateAnswer;
  "model/generator/generateFollowUps": typeof model_generator_generateFollowUps;
  "model/generator/generateTitle": typeof model_generator_generateTitle;
  "model/generator/generationEnd": typeof model_generator_generationEnd;
  "model/generator/historyBytes": typeof model_generator_historyBytes;
  "model/generator/limits": typeof model_generator_limits;
  "model/generator/modelMessages": typeof model_generator_modelMessages;
  "model/generator/partMapper": typeof model_generator_partMapper;
  "model/generator/pause": typeof model_generator_pause;
  "model/generator/providerErrors": typeof model_generator_providerErrors;
  "model/generator/quotedExchange": typeof model_generator_quotedExchange;
  "model/generator/requestRetries": typeof model_generator_requestRetries;
  "model/generator/retryAfter": typeof model_generator_retryAfter;
  "model/generator/storableValue": typeof model_generator_storableValue;
  "model/generator/toolRunner": typeof model_generator_toolRunner;
  "model/generator/untilAborted": typeof model_generator_untilAborted;
  "model/generator/withRetries": typeof model_generator_withRetries;
  "model/historyFiles": typeof model_historyFiles;
  "model/instructions": typeof model_instructions;
  "model/liveTail": typeof model_liveTail;
  "model/log": typeof model_log;
  "model/messageViews": typeof model_messageViews;
  "model/messages": typeof model_messages;
  "model/metrics": typeof model_metrics;
  "model/overview": typeof model_overview;
  "model/pages": typeof model_pages;
  "model/path": typeof model_path;
  "model/promptFiles": typeof model_promptFiles;
  "model/queue": typeof model_queue;
  "model/queueStart": typeof model_queueStart;
  "model/rateLimit": typeof model_rateLimit;
  "model/receipts": typeof model_receipts;
  "model/removal": typeof model_removal;
  "model/replyText": typeof model_replyText;
  "model/runInput": typeof model_runInput;
  "model/runWrites": typeof model_runWrites;
  "model/runs": typeof model_runs;
  "model/search": typeof model_search;
  "model/searchTexts": typeof model_searchTexts;
  "model/send": typeof model_send;
  "model/settings": typeof model_settings;
  "model/snippet": typeof model_snippet;
  "model/startPrompt": typeof model_startPrompt;
  "model/stop": typeof model_stop;
  "model/tasks": typeof model_tasks;
  "model/titleText": typeof model_titleText;
  "model/titles": typeof model_titles;
  "model/toolCalls": typeof model_toolCalls;
  "model/toolFragments": typeof model_toolFragments;
  "model/validators": typeof model_validators;
  "model/variants": typeof model_variants;
  models: typeof models;
  "providers/connectModel": typeof providers_connectModel;
  "providers/demo": typeof providers_demo;
  "providers/demoReplies": typeof providers_demoReplies;
  "providers/fetchModelIds": typeof providers_fetchModelIds;
  "providers/listModels": typeof providers_listModels;
  "providers/openai": typeof providers_openai;
  "providers/openaiCompatible": typeof providers_openaiCompatible;
  "providers/settings": typeof providers_settings;
  "providers/tools": typeof providers_tools;
  queue: typeof queue;
  recovery: typeof recovery;
  search: typeof search;
  "shared/endReasons": typeof shared_endReasons;
  "shared/errors": typeof shared_errors;
  "shared/files": typeof shared_files;
  "shared/limits": typeof shared_limits;
  "shared/parts": typeof shared_parts;
  "shared/plainText": typeof shared_plainText;
  "shared/text": typeof shared_text;
  streaming: typeof streaming;
  streamingResponses: typeof streamingResponses;
  tasks: typeof tasks;
  titles: typeof titles;
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
