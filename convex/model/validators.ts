import { v, type Infer } from "convex/values";

/** Validators that tables, arguments and results share. */

export const vTaskStatus = v.union(
  v.literal("IDLE"),
  v.literal("RUNNING"),
  v.literal("STOPPED"),
  v.literal("FAILED"),
);
export type TaskStatus = Infer<typeof vTaskStatus>;

export const vRole = v.union(v.literal("USER"), v.literal("ASSISTANT"));

export const vMessageStatus = v.union(
  v.literal("pending"),
  v.literal("streaming"),
  v.literal("complete"),
  v.literal("failed"),
);

export const vEndReason = v.union(
  v.literal("finished"),
  v.literal("stopped"),
  v.literal("crashed"),
  v.literal("timedOut"),
  v.literal("providerError"),
  v.literal("lengthLimit"),
  v.literal("contentFilter"),
);
export type EndReason = Infer<typeof vEndReason>;

/** The AI SDK's finish reasons. */
export const vFinishReason = v.union(
  v.literal("stop"),
  v.literal("length"),
  v.literal("content-filter"),
  v.literal("tool-calls"),
  v.literal("error"),
  v.literal("other"),
);
export type FinishReason = Infer<typeof vFinishReason>;

export const vUsage = v.object({
  inputTokens: v.optional(v.number()),
  /** Those of `inputTokens` that the server had kept from before. */
  cachedTokens: v.optional(v.number()),
  outputTokens: v.optional(v.number()),
  reasoningTokens: v.optional(v.number()),
  totalTokens: v.optional(v.number()),
  /** At least one of its requests was estimated: its server did not tell, or it was stopped. */
  isEstimated: v.optional(v.literal(true)),
});
export type Usage = Infer<typeof vUsage>;

/** The summary that a model was sent in place of the messages before the sequence `upTo`. */
export const vSummaryOf = v.object({ id: v.id("contextSummaries"), upTo: v.number() });

export const vToolState = v.union(
  v.literal("pending"),
  v.literal("awaitingApproval"),
  v.literal("running"),
  v.literal("complete"),
  v.literal("failed"),
  v.literal("cancelled"),
  v.literal("timedOut"),
  v.literal("refused"),
  v.literal("unknown"),
);

/** How long a model thinks: see `shared/modelFacts.ts`. */
export const vEffort = v.union(
  v.literal("none"),
  v.literal("minimal"),
  v.literal("low"),
  v.literal("medium"),
  v.literal("high"),
  v.literal("xhigh"),
  v.literal("max"),
);

/** What a chat's owner has set for its replies; what is absent is as the model has it by default. */
export const vChatSettings = v.object({
  effort: v.optional(vEffort),
  temperature: v.optional(v.number()),
  topP: v.optional(v.number()),
  maxOutputTokens: v.optional(v.number()),
});

/** Settings to change; null sets one back to the model's default. */
export const vChatSettingChanges = v.object({
  effort: v.optional(v.union(vEffort, v.null())),
  temperature: v.optional(v.union(v.number(), v.null())),
  topP: v.optional(v.union(v.number(), v.null())),
  maxOutputTokens: v.optional(v.union(v.number(), v.null())),
});

/** A setting that a model does not take. */
export const vChatSetting = v.union(
  v.literal("effort"),
  v.literal("temperature"),
  v.literal("topP"),
  v.literal("maxOutputTokens"),
);

/** Why an answer did not come to its own end: see `shared/problems.ts`. */
export const vProblemKind = v.union(
  v.literal("key"),
  v.literal("keyLost"),
  v.literal("credit"),
  v.literal("forbidden"),
  v.literal("modelMissing"),
  v.literal("noModels"),
  v.literal("noDeployments"),
  v.literal("contextTooLong"),
  v.literal("promptTooLong"),
  v.literal("budget"),
  v.literal("serverBudget"),
  v.literal("tooLarge"),
  v.literal("rateLimit"),
  v.literal("loading"),
  v.literal("flagged"),
  v.literal("tools"),
  v.literal("images"),
  v.literal("setting"),
  v.literal("ownKey"),
  v.literal("ownKeyLost"),
  v.literal("ownKeyMissing"),
  v.literal("badRequest"),
  v.literal("serverDown"),
  v.literal("serverProblem"),
  v.literal("wrongPath"),
  v.literal("redirect"),
  v.literal("brokenOff"),
  v.literal("noFirstWord"),
  v.literal("noWord"),
  v.literal("runLimit"),
  v.literal("empty"),
  v.literal("onlyThoughts"),
  v.literal("toolRounds"),
  v.literal("refused"),
  v.literal("endWord"),
  v.literal("unknown"),
);

export const vProblem = v.object({
  kind: vProblemKind,
  words: v.optional(v.string()),
  status: v.optional(v.number()),
  address: v.optional(v.string()),
  retryAt: v.optional(v.number()),
  limitMs: v.optional(v.number()),
  rounds: v.optional(v.number()),
  tokens: v.optional(v.number()),
  contextLength: v.optional(v.number()),
  model: v.optional(v.string()),
  models: v.optional(v.array(v.string())),
  moreModels: v.optional(v.number()),
  setting: v.optional(vChatSetting),
  provider: v.optional(v.string()),
  settings: v.optional(
    v.object({
      key: v.string(),
      address: v.string(),
      model: v.string(),
      isOnPage: v.optional(v.literal(true)),
    }),
  ),
});

/** A request to the model that is made once more: the `attempt`-th `of` so many; null for as long as its server loads the model. */
export const vRetry = v.object({
  attempt: v.number(),
  of: v.union(v.number(), v.null()),
  kind: vProblemKind,
});
export type Retry = Infer<typeof vRetry>;

/** One part of an answer, or one fragment of its log: see `shared/parts.ts`. */
export const vPart = v.union(
  v.object({ type: v.literal("text"), position: v.number(), text: v.string() }),
  v.object({
    type: v.literal("reasoning"),
    position: v.number(),
    text: v.string(),
    startedAt: v.optional(v.number()),
    endedAt: v.optional(v.number()),
  }),
  v.object({
    type: v.literal("file"),
    position: v.number(),
    mediaType: v.string(),
    url: v.optional(v.string()),
    filename: v.optional(v.string()),
    attachmentId: v.optional(v.id("attachments")),
    size: v.optional(v.number()),
  }),
  v.object({
    type: v.literal("source-url"),
    position: v.number(),
    sourceId: v.string(),
    url: v.string(),
    title: v.optional(v.string()),
  }),
  v.object({
    type: v.literal("source-document"),
    position: v.number(),
    sourceId: v.string(),
    mediaType: v.string(),
    title: v.string(),
  }),
  v.object({
    type: v.literal("dynamic-tool"),
    position: v.number(),
    toolCallId: v.string(),
    toolName: v.string(),
    state: vToolState,
    // What a model or a tool says has any shape.
    input: v.optional(v.any()),
    output: v.optional(v.any()),
    errorText: v.optional(v.string()),
    // Its provider runs it by itself: nobody here can cancel it.
    providerExecuted: v.optional(v.boolean()),
    startedAt: v.optional(v.number()),
    endedAt: v.optional(v.number()),
  }),
);
export type StoredPart = Infer<typeof vPart>;

export const vWhenBusy = v.union(v.literal("reject"), v.literal("queue"), v.literal("interrupt"));

/** An edit or another answer belongs to one place in the chat as it is now; it cannot wait in the queue. */
export const vWhenBusyNow = v.union(v.literal("reject"), v.literal("interrupt"));

/** What `send` and its sisters return; a repetition returns the same ids with `reused: true`. */
export const vReceipt = v.object({
  taskId: v.id("tasks"),
  promptMessageId: v.union(v.id("chatMessages"), v.null()),
  assistantMessageId: v.union(v.id("chatMessages"), v.null()),
  runId: v.union(v.string(), v.null()),
  status: v.union(v.literal("started"), v.literal("queued")),
  reused: v.boolean(),
});
export type Receipt = Infer<typeof vReceipt>;

/** One of the answers of a comparison, as its receipt names it. `model`: null for a default. */
export const vComparedVariant = v.object({
  messageId: v.id("chatMessages"),
  runId: v.string(),
  model: v.union(v.string(), v.null()),
});

/** What `compare` returns; a repetition returns the same ids with `reused: true`. */
export const vComparisonReceipt = v.object({
  taskId: v.id("tasks"),
  promptMessageId: v.union(v.id("chatMessages"), v.null()),
  variants: v.array(vComparedVariant),
  status: v.union(v.literal("started"), v.literal("queued")),
  reused: v.boolean(),
});
export type ComparisonReceipt = Infer<typeof vComparisonReceipt>;

/** The answers to a prompt that was given to several models at once. Without `keptId` it is open: none of them was kept yet. */
export const vComparison = v.object({
  answerIds: v.array(v.id("chatMessages")),
  keptId: v.optional(v.id("chatMessages")),
});

/** A chat as its owner sees it. */
export const vTask = v.object({
  _id: v.id("tasks"),
  _creationTime: v.number(),
  title: v.string(),
  status: vTaskStatus,
  model: v.union(v.string(), v.null()),
  settings: vChatSettings,
  /** What its answers may use, as far as it is offered: `toolChoice.offered`. */
  tools: v.array(v.string()),
  pinned: v.boolean(),
  archived: v.boolean(),
  unread: v.boolean(),
  queuePaused: v.boolean(),
  lastActivityAt: v.number(),
});

/** A range of chunk rows, `from` included, `to` not. */
export const vChunkRange = v.object({ from: v.number(), to: v.number() });

/** A message as `messages.list` shows it. */
export const vMessage = v.object({
  _id: v.id("chatMessages"),
  _creationTime: v.number(),
  taskId: v.id("tasks"),
  role: vRole,
  sequence: v.number(),
  clientMessageId: v.union(v.string(), v.null()),
  promptMessageId: v.union(v.id("chatMessages"), v.null()),
  parentMessageId: v.union(v.id("chatMessages"), v.null()),
  variant: v.number(),
  variantCount: v.number(),
  /** Of a prompt that was given to several models: see `messages.compare`. */
  comparison: v.union(vComparison, v.null()),
  status: vMessageStatus,
  finishReason: v.union(vFinishReason, v.null()),
  endReason: v.union(vEndReason, v.null()),
  errorMessage: v.union(v.string(), v.null()),
  /** Why it ended so, for words in the reader's language; `errorMessage` says the same in English. */
  problem: v.union(vProblem, v.null()),
  parts: v.array(vPart),
  /**
   * Rows of the log that belong after `parts` and are not in it: read them with `streamingResponses.listChunks`. While the answer is
   * live they are those of runs before, and `from` is where its log begins.
   */
  omittedChunks: v.union(vChunkRange, v.null()),
  model: v.union(v.string(), v.null()),
  usage: v.union(vUsage, v.null()),
  /**
   * The sequence of the first message of the chat that the model was sent for this answer: those before did not fit. Absent for prompts, for answers
   * that have not ended, and where it is not known.
   */
  contextFrom: v.optional(v.number()),
  /** What it was told of those before, for `summaries.read`. */
  summary: v.optional(vSummaryOf),
  /** When the run began or ended last, milliseconds since the epoch; `null` for a prompt or before its end. */
  startedAt: v.union(v.number(), v.null()),
  endedAt: v.union(v.number(), v.null()),
});

/** A live answer's newest text: see "How a client reads an answer" in `convex/README.md`. */
export const vLiveTail = v.object({
  /**
   * `waiting`: for a free place; there is no text of this run yet. `called`: a place is kept for it, and whoever sees this calls
   * `generate.start`; after a few seconds the server does. `streaming`: a generator has taken it. `awaitingApproval`: it goes on when
   * a person has answered `approvals.answer` for each of its calls in that state.
   */
  state: v.union(
    v.literal("waiting"),
    v.literal("called"),
    v.literal("streaming"),
    v.literal("awaitingApproval"),
  ),
  /** For `generate.start`, until a generator has taken the run. */
  runId: v.optional(v.string()),
  /** Rows of the log below this one are read with `listChunks`, each once. */
  from: v.number(),
  /** The row `from`, which is the newest; null before this run has written any. */
  tail: v.union(v.array(vPart), v.null()),
  /** When the last output was stored; before there is any, when the run was claimed, or began. */
  lastOutputAt: v.number(),
  /** The model is asked once more, after requests that its server refused. Only before this run has written. */
  retry: v.optional(vRetry),
});

/** What has become of asking for what may be sent after an answer. */
export const vFollowUps = v.union(
  v.object({ kind: v.literal("asked") }),
  v.object({ kind: v.literal("ready"), suggestions: v.array(v.string()) }),
  v.object({ kind: v.literal("none") }),
);

/** A file of a draft or a prompt. `url` is null when its bytes are gone. */
export const vAttachment = v.object({
  _id: v.id("attachments"),
  filename: v.string(),
  mediaType: v.string(),
  /** Bytes. */
  size: v.number(),
  url: v.union(v.string(), v.null()),
});

export const vQueuedPrompt = v.object({
  _id: v.id("queuedPrompts"),
  _creationTime: v.number(),
  taskId: v.id("tasks"),
  clientMessageId: v.string(),
  content: v.string(),
  model: v.union(v.string(), v.null()),
  /** For a comparison, the models that will be asked. */
  models: v.union(v.array(v.string()), v.null()),
  attachments: v.array(vAttachment),
  order: v.number(),
});

export const vModel = v.object({
  id: v.string(),
  name: v.string(),
  /** The id of its provider, or that of the demo. */
  provider: v.string(),
  images: v.optional(v.boolean()),
  pdf: v.optional(v.boolean()),
  tools: v.optional(v.boolean()),
  reasoning: v.optional(v.boolean()),
  efforts: v.optional(v.array(vEffort)),
  /** Tokens. */
  contextLength: v.optional(v.number()),
  maxOutput: v.optional(v.number()),
  /** Dollars for a million tokens. */
  prices: v.optional(v.object({ input: v.number(), output: v.number(), cached: v.optional(v.number()) })),
});
export type ModelChoice = Infer<typeof vModel>;

/** Why a provider's list could not be read, in English; `problem` says it in any language, where it is known. */
export const vListFault = { error: v.union(v.string(), v.null()), problem: v.optional(vProblem) };

/** A connected provider, and why its list of models could not be read. */
export const vProvider = v.object({ id: v.string(), name: v.string(), ...vListFault });
export type ProviderState = Infer<typeof vProvider>;

/** What a run's write is answered. After "ended" the generator aborts its request and writes no more. */
export const vRunReply = v.union(
  v.object({
    state: v.literal("live"),
    cancelledToolCalls: v.array(v.string()),
    /** After a flush: how many rows the answer's log has, and when the run was last looked up and seen live. */
    rows: v.optional(v.number()),
    seenLiveAt: v.optional(v.number()),
  }),
  v.object({
    state: v.literal("ended"),
    endReason: v.union(vEndReason, v.null()),
    endedAt: v.union(v.number(), v.null()),
  }),
);
export type RunReply = Infer<typeof vRunReply>;

/** Some rows of a log in one, so that they need not be read one by one. */
export const vPage = v.object({ from: v.number(), parts: v.array(vPart) });

/**
 * The answer that a run writes, as the generator was told, so that it need not be read at each flush; and the run's live row: by its id
 * that is one call of the database, by an index three.
 */
export const vAnswerOfRun = v.object({
  messageId: v.id("chatMessages"),
  userId: v.id("users"),
  liveId: v.optional(v.id("streamingResponses")),
});

/** Where a flush goes on, as the one before was told: the row that comes next, and when the run was last seen live. */
export const vAfter = v.object({ row: v.number(), seenLiveAt: v.number() });

/** Of a step in which a model called tools, what it must be sent again: see `runs/keptSteps.ts`. */
const vKeptPiece = v.union(
  v.object({
    kind: v.literal("thought"),
    position: v.number(),
    /** Characters of it in the part at `position`; 0 for one that was encrypted whole. */
    chars: v.number(),
    /** JSON: the provider's metadata, as the SDK wants it back. */
    metadata: v.optional(v.string()),
  }),
  v.object({ kind: v.literal("call"), position: v.number(), metadata: v.optional(v.string()) }),
);

/** One step, which has the parts at the positions `from … to`; `pieces` are in the order of the stream. */
export const vKeptStep = v.object({
  from: v.number(),
  to: v.number(),
  /** The stored id of the model that made it: nobody else is sent it. */
  model: v.string(),
  pieces: v.array(vKeptPiece),
});
export type KeptStep = Infer<typeof vKeptStep>;
export type KeptPiece = Infer<typeof vKeptPiece>;

/** The last words of a run, written in the same mutation as its end. `page`: the rows before them. `step`: what is to be kept of the last step. */
export const vLastFlush = v.object({
  flushSeq: v.number(),
  parts: v.array(vPart),
  page: v.optional(vPage),
  step: v.optional(vKeptStep),
});

/** What a model is asked beside its answers. */
export const vAskKind = v.union(v.literal("title"), v.literal("followUps"), v.literal("summary"));
export type AskKind = Infer<typeof vAskKind>;
