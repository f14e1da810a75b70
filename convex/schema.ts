import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import { vAuditKind, vAuditPerson } from "./model/accounts/auditKinds";
import { vOpenedBy } from "./model/accounts/devices";
import { vPurpose } from "./model/accounts/links";
import { authTables } from "./model/authTables";
import { vKeptFacts, vPrices } from "./model/context/keptFacts";
import { vMeasured } from "./model/context/runRequest";
import { vLimit, vUnit } from "./model/spending/limits";
import { vCharged, vReservation } from "./model/spending/reservation";
import { vSealedKey } from "./model/keys/sealedKey";
import { vAdded } from "./model/modelProviders/addedConfig";
import { vAudience } from "./model/tools/toolAudience";
import { vSignIn } from "./model/tools/mcp/signIns";
import { vSignInTry } from "./model/tools/mcp/signInTries";
import { vModelAudience } from "./model/modelAccess";
import { vHealth } from "./model/metrics/healthSample";
import { vRunState } from "./model/runs/runState";
import {
  vAskKind,
  vChatSettings,
  vComparedVariant,
  vComparison,
  vEndReason,
  vFinishReason,
  vFollowUps,
  vKeptStep,
  vMessageStatus,
  vPart,
  vProblem,
  vRole,
  vSummaryOf,
  vTaskStatus,
  vToolState,
  vUsage,
} from "./model/validators";

const receipt = {
  userId: v.id("users"),
  clientMessageId: v.string(),
  taskId: v.id("tasks"),
  outcome: v.union(
    v.object({ kind: v.literal("queued") }),
    /** Taken out of the queue by its owner: a late repetition must not bring it back. */
    v.object({ kind: v.literal("withdrawn") }),
    v.object({
      kind: v.literal("started"),
      promptMessageId: v.id("chatMessages"),
      assistantMessageId: v.id("chatMessages"),
      runId: v.string(),
    }),
    /** `taskId` is the new chat. */
    v.object({ kind: v.literal("branched") }),
    v.object({
      kind: v.literal("compared"),
      promptMessageId: v.id("chatMessages"),
      variants: v.array(vComparedVariant),
    }),
  ),
};

export default defineSchema({
  ...authTables,

  /**
   * Who has an account, and what they may do; guests have no row. Inserted when the owner first comes in and when an account is made,
   * patched by a change of role or when they are disabled, deleted first of all when they are deleted: `model/accounts/` and `model/people/` alone
   * do that. Read by the builders for admins and the owner.
   */
  people: defineTable({
    userId: v.id("users"),
    /** There is one owner. No role can read the chats of others. */
    role: v.union(v.literal("owner"), v.literal("admin"), v.literal("member")),
    /** Since when an admin keeps them out; absent: they may come in. */
    disabledAt: v.optional(v.number()),
  })
    .index("by_user", ["userId"])
    .index("by_role", ["role"]),

  /**
   * Open invitations, and links to set a new password, by the digests of their secrets. Inserted by an admin's action; deleted when one
   * is used or withdrawn, or has ended: `model/accounts/links.ts` alone does that.
   */
  accountLinks: defineTable({
    secretDigest: v.string(),
    purpose: vPurpose,
    madeBy: v.id("users"),
    expiresAt: v.number(),
  }).index("by_secretDigest", ["secretDigest"]),

  /**
   * Sign-ins that have left for the OpenID Connect provider. Inserted when one leaves; deleted when it comes back, or, fifteen minutes
   * later, when another leaves: `model/sessions/oidc/attempts.ts` alone does that. It says nothing of who they are.
   */
  oidcAttempts: defineTable({
    stateDigest: v.string(),
    /** Of what the browser keeps, so that no other can come back in its place. */
    secretDigest: v.string(),
    redirectUri: v.string(),
    nonce: v.string(),
    codeVerifier: v.string(),
    expiresAt: v.number(),
  })
    .index("by_stateDigest", ["stateDigest"])
    .index("by_expiresAt", ["expiresAt"]),

  /**
   * Tokens for people's scripts. Inserted by `apiTokens.make`; patched, a few times a day at most, when one is used; deleted when it is revoked, and
   * all of a person's when they set a new password by a link: `model/apiTokens/` alone does that.
   */
  apiTokens: defineTable({
    userId: v.id("users"),
    name: v.string(),
    /** How it begins, by which a person knows it again. */
    hint: v.string(),
    secretDigest: v.string(),
    /** Null: it lasts until it is revoked. */
    expiresAt: v.union(v.number(), v.null()),
    lastUsedAt: v.union(v.number(), v.null()),
  })
    .index("by_user", ["userId"])
    .index("by_secretDigest", ["secretDigest"]),

  /**
   * Guests who turned out to be somebody with an account, as those of earlier versions the owner: their tokens are that person's until they are renewed. Inserted by
   * `model/accounts/adoptGuests.ts` with the last of a guest's rows; read when a token names nobody else; deleted with the person.
   */
  adoptedGuests: defineTable({ guestId: v.id("users"), ownerId: v.id("users") })
    .index("by_guest", ["guestId"])
    .index("by_owner", ["ownerId"]),

  /**
   * What is known of a session beside the library's row: the list of a person's devices. Inserted with the session and when a guest is
   * adopted, patched when it is renewed; deleted with the session, or, where the library did that by itself, with a later sign-in.
   */
  devices: defineTable({
    sessionId: v.id("authSessions"),
    userId: v.id("users"),
    userAgent: v.union(v.string(), v.null()),
    openedBy: vOpenedBy,
    lastUsedAt: v.number(),
  })
    .index("by_session", ["sessionId"])
    .index("by_user", ["userId"])
    .index("by_openedBy", ["openedBy"]),

  /**
   * What was done to accounts and by whom, one row each, never changed: `model/accounts/audit.ts` inserts them, and a cron deletes them when they
   * are old. Read by admins. Names are those of the time, and stay when the person is deleted.
   */
  auditEvents: defineTable({
    kind: vAuditKind,
    /** Who did it; null for the server itself, and for somebody unknown. */
    actor: v.union(vAuditPerson, v.null()),
    /** To whom, if to somebody else. */
    subject: v.union(vAuditPerson, v.null()),
    /** A role, a provider, a number: what the kind needs, never what somebody has written. */
    detail: v.union(v.string(), v.null()),
    address: v.union(v.string(), v.null()),
  }).index("by_kind", ["kind"]),

  /**
   * People and abandoned guests whose data is being deleted. Inserted with the first step, patched by each, deleted with the last:
   * `model/people/departures.ts` alone does that. While there is a row, what was theirs is still being looked for.
   */
  departures: defineTable({
    userId: v.id("users"),
    reason: v.union(v.literal("deleted"), v.literal("abandoned")),
    /** `checking`: nothing was found, and it is looked once more when no action can be under way that began before. */
    stage: v.union(v.literal("deleting"), v.literal("checking")),
    movedAt: v.number(),
  })
    .index("by_user", ["userId"])
    .index("by_movedAt", ["movedAt"]),

  /** At most one row: what the owner has set about the door, where the environment says nothing. Written by `people.setDoor`. */
  doorSettings: defineTable({
    signUp: v.union(v.literal("invitation"), v.literal("open"), v.literal("closed"), v.null()),
    guests: v.union(v.boolean(), v.null()),
  }),

  /** One for each limit that the owner has set: `model/limits/limits.ts`. Written and deleted by `people.setLimit`. */
  limitSettings: defineTable({ name: v.string(), value: v.number() }).index("by_name", ["name"]),

  /** The invariants and figures of each hour, for the owner's page. Inserted by a cron, which deletes those of more than 30 days ago. */
  healthSamples: defineTable(vHealth),

  /**
   * A chat. Written by `send` and the end of a run (status, activity), by the owner's settings and its title; never by a flush.
   * Read by the sidebar and by every access check. Deleted some time after `tasks.remove`, before all it owns.
   */
  tasks: defineTable({
    userId: v.id("users"),
    title: v.string(),
    /**
     * Where the title comes from. `asked`, `askedAgain`: still the first words, and a model has been asked for better ones once or
     * twice, which is all. A person's own are never replaced.
     */
    titleSource: v.union(
      v.literal("firstWords"),
      v.literal("asked"),
      v.literal("askedAgain"),
      v.literal("model"),
      v.literal("user"),
    ),
    status: vTaskStatus,
    model: v.optional(v.string()),
    /** Absent while all is as the models have it. */
    settings: v.optional(vChatSettings),
    /** What its answers may use: see `toolChoice.ts`. Absent: nothing. */
    tools: v.optional(v.array(v.string())),
    pinned: v.boolean(),
    archived: v.boolean(),
    /** An answer ended since the owner last looked. */
    unread: v.boolean(),
    /** A person's Stop holds the queue until they let it go on. */
    queuePaused: v.boolean(),
    lastActivityAt: v.number(),
    nextSequence: v.number(),
    /** Of a chat of `/v1/chat/completions`: the conversation that it has come to, and its last answer; see `model/completions/`. */
    apiDigest: v.optional(v.string()),
    apiMessageId: v.optional(v.id("chatMessages")),
    /** Deleted by its owner, who may undo it until this job runs. Until then a missing chat for all but `tasks.restore`. */
    purgeJobId: v.optional(v.id("_scheduled_functions")),
  })
    .index("by_user_archived_activity", ["userId", "archived", "lastActivityAt"])
    .index("by_user_archived_pinned_activity", ["userId", "archived", "pinned", "lastActivityAt"])
    .index("by_user_apiDigest", ["userId", "apiDigest"])
    .searchIndex("search_title", { searchField: "title", filterFields: ["userId"] }),

  /**
   * One row while a chat is deleted: from `tasks.remove` until it is brought back, or until the last of its messages is gone. Who reads
   * messages looks here, and not at the chat's row, which changes with every title, read mark and answer: finding nothing costs
   * nothing and stays as it is. Written by `model/chats/removal.ts` alone.
   */
  removedTasks: defineTable({ taskId: v.id("tasks") }).index("by_task", ["taskId"]),

  /**
   * A prompt or an answer. Inserted by `send` and its sisters; an answer is patched when its run is claimed and when
   * it ends, never by a flush. Read by `messages.list` and the generator. Deleted with its chat only.
   * An answer's content is `parts` and, when it is too long for one document, then the rows
   * `inlinedChunks … chunkCount - 1` of `streamingChunks`.
   */
  chatMessages: defineTable({
    taskId: v.id("tasks"),
    userId: v.id("users"),
    role: vRole,
    sequence: v.number(),
    /** Of the request that made this message. */
    clientMessageId: v.optional(v.string()),
    /** An answer's prompt. */
    promptMessageId: v.optional(v.id("chatMessages")),
    /** What this message follows: a prompt's answer before it, an answer's prompt; absent for a first prompt. */
    parentMessageId: v.optional(v.id("chatMessages")),
    /** 0, 1, … among the messages with the same parent. */
    variant: v.number(),
    /** Right for every message on the path: brought up to date when a message is put on it. */
    variantCount: v.number(),
    onPath: v.boolean(),
    /** Of a prompt that was given to several models at once: their answers, and which one was kept. */
    comparison: v.optional(vComparison),
    /** Its prompt has a comparison, in which this answer is. */
    compared: v.optional(v.literal(true)),
    status: vMessageStatus,
    finishReason: v.optional(vFinishReason),
    endReason: v.optional(vEndReason),
    errorMessage: v.optional(v.string()),
    problem: v.optional(vProblem),
    /** The model server's own word for how the answer ended. */
    rawFinishReason: v.optional(v.string()),
    parts: v.array(vPart),
    /** Chunk rows below this are contained in `parts`. */
    inlinedChunks: v.number(),
    /** Chunk rows that this answer has had up to its last end. */
    chunkCount: v.number(),
    /** The model that was chosen for this answer; absent: the default one. */
    model: v.optional(v.string()),
    /** The model that the default was when the last run asked it. */
    answeredBy: v.optional(v.string()),
    usage: v.optional(vUsage),
    /** The sequence of the first message that the last run's model was sent. */
    contextFrom: v.optional(v.number()),
    /** What it was told of those before. */
    summary: v.optional(vSummaryOf),
    /** Of the last run. */
    runId: v.optional(v.string()),
    startedAt: v.optional(v.number()),
    endedAt: v.optional(v.number()),
  })
    .index("by_task_sequence", ["taskId", "sequence"])
    .index("by_task_path", ["taskId", "onPath", "sequence"])
    .index("by_task_promptMessageId", ["taskId", "promptMessageId", "variant"])
    .index("by_task_parent", ["taskId", "parentMessageId", "variant"])
    .index("by_user_clientMessageId", ["userId", "clientMessageId"]),

  /**
   * What was answered to each accepted `clientMessageId`, so that a repetition gets the same. Written by `send`, `edit`,
   * `regenerate`, `continueAnswer` and when a queued prompt starts. Goes to `purgedReceipts` with the chat.
   */
  receipts: defineTable(receipt)
    .index("by_user_clientMessageId", ["userId", "clientMessageId"])
    .index("by_task", ["taskId"]),

  /**
   * Receipts of chats that were deleted for good, so that a late repetition does not make the chat again. Inserted by the deletion, in
   * place of what was in `receipts`; read when there is no receipt; deleted after `PURGED_RECEIPT_DAYS`, by a cron.
   */
  purgedReceipts: defineTable(receipt).index("by_user_clientMessageId", ["userId", "clientMessageId"]),

  /**
   * One execution that generates into an answer: the one truth about it, whose states `model/runs/runState.ts` draws. Inserted by
   * `beginRun`; patched when it is called, claimed and ended, never by a flush, so that who watches "is it generating?" is not woken
   * by each token. A live run is one without `state.endedAt`. Ended ones stay, for `metrics.overview`; deleted with the chat.
   */
  runs: defineTable({
    taskId: v.id("tasks"),
    userId: v.id("users"),
    messageId: v.id("chatMessages"),
    /** Unguessable; every write of the run names it. */
    runId: v.string(),
    createdAt: v.number(),
    state: vRunState,
    /** Of the budgets: `model/spending/`. Absent where none holds, and for an own key. */
    reserved: v.optional(vReservation),
  })
    .index("by_run", ["runId"])
    .index("by_message", ["messageId", "state.endedAt"])
    .index("by_task", ["taskId", "state.endedAt"])
    .index("by_user_state", ["userId", "state.kind"])
    .index("by_state", ["state.kind", "state.by", "state.turnAt"]),

  /**
   * Tool calls that a person must approve, while their run is live: one row each. Inserted when the model's turn has ended with them,
   * patched by the person's answer and by the generator that starts the call, deleted by the run's end, however it comes.
   * `model/tools/approvals.ts` alone does that.
   */
  toolApprovals: defineTable({
    messageId: v.id("chatMessages"),
    toolCallId: v.string(),
    toolName: v.string(),
    position: v.number(),
    /** JSON text. */
    input: v.string(),
    state: v.union(
      v.object({ kind: v.literal("open") }),
      v.object({ kind: v.union(v.literal("approved"), v.literal("refused")), answeredAt: v.number() }),
      v.object({ kind: v.literal("started"), startedAt: v.number() }),
    ),
  }).index("by_message_call", ["messageId", "toolCallId"]),

  /**
   * What a model must be sent again of its steps with tool calls: the places of its thoughts, and its provider's signatures. Inserted and patched by
   * the run's flushes and its end, read for requests to the same model and for nothing else; no page is sent them. Deleted with the message.
   */
  keptSteps: defineTable({ messageId: v.id("chatMessages"), ...vKeptStep.fields }).index("by_message_from", [
    "messageId",
    "from",
  ]),

  /** Locks of the versions before `runs`: `model/runs/migrate.ts` turns each into a run. Nothing writes here any more. */
  generationLocks: defineTable({
    taskId: v.id("tasks"),
    userId: v.id("users"),
    messageId: v.id("chatMessages"),
    runId: v.string(),
    lockedAt: v.number(),
  }).index("by_task", ["taskId"]),

  /**
   * The live row of a claimed run: the fence, the lease and the tool calls. Inserted by the claim, deleted by the end; patched by
   * heartbeats (every few seconds at most) and by tool calls. A flush reads it every few seconds and no other row, so it is kept small;
   * whether a run is live is read in `runs`.
   */
  streamingResponses: defineTable({
    runId: v.string(),
    /** The last sign of life; the lease counts from here. */
    heartbeatAt: v.number(),
    /** Rows of the log that the server itself added during this run: those of the generator come that much later. */
    insertedRows: v.optional(v.number()),
    /** Calls that have not ended, and those that a person cancelled of which the generator has not heard. */
    toolCalls: v.optional(
      v.array(
        v.object({
          toolCallId: v.string(),
          toolName: v.string(),
          position: v.number(),
          state: vToolState,
          startedAt: v.number(),
        }),
      ),
    ),
    /** In rows of versions before `runs` only; without `claimedAt` nobody had claimed the run. */
    messageId: v.optional(v.id("chatMessages")),
    taskId: v.optional(v.id("tasks")),
    userId: v.optional(v.id("users")),
    startedAt: v.optional(v.number()),
    claimedAt: v.optional(v.number()),
    firstChunk: v.optional(v.number()),
    sealedChunks: v.optional(v.number()),
    sealedSize: v.optional(v.number()),
    tailFrom: v.optional(v.number()),
  })
    .index("by_run", ["runId"])
    .index("by_heartbeat", ["heartbeatAt"]),

  /**
   * The log of an answer: each flush appends one row, none is ever changed. Who follows the answer is sent the newest row, and reads
   * the others once. Deleted some time after the end, when the message or a page has their content; else with the chat.
   */
  streamingChunks: defineTable({
    messageId: v.id("chatMessages"),
    /** Repeated here so that a reader of rows reads nothing else. */
    userId: v.id("users"),
    /** 0, 1, … without a gap. */
    index: v.number(),
    /** What the flush carried: a fragment of text as it is, since it is nearly always one, and anything else as `parts`. */
    text: v.optional(v.string()),
    /** Of `text`; absent for 0, where nearly all of it is. */
    position: v.optional(v.number()),
    parts: v.optional(v.array(vPart)),
    /** The last row of a run, written by its end. */
    isEnd: v.optional(v.literal(true)),
    /** In rows of earlier versions only. */
    flushSeq: v.optional(v.number()),
    size: v.optional(v.number()),
  }).index("by_message_index", ["messageId", "index"]),

  /**
   * Stretches of the log once more, many small rows in one, so that it is cheap to open an answer in its middle, to fold it into its
   * message and to keep it. Inserted by a flush when enough rows have come; read wherever more than the newest row is read.
   * Deleted like the rows.
   */
  streamingPages: defineTable({
    messageId: v.id("chatMessages"),
    userId: v.id("users"),
    /** The rows `from … to - 1` of the log. */
    from: v.number(),
    to: v.number(),
    parts: v.array(vPart),
  }).index("by_message_from", ["messageId", "from"]),

  /**
   * Prompts that wait for the live run to end, first in, first out. Written by `send` and the functions of `queue.ts`;
   * deleted when they start, when their owner removes them, and with the chat.
   */
  queuedPrompts: defineTable({
    taskId: v.id("tasks"),
    userId: v.id("users"),
    clientMessageId: v.string(),
    content: v.string(),
    model: v.optional(v.string()),
    /** For a comparison. */
    models: v.optional(v.array(v.string())),
    attachmentIds: v.optional(v.array(v.id("attachments"))),
    order: v.number(),
  }).index("by_task_order", ["taskId", "order"]),

  /** Text that was typed and not sent, per chat (no `taskId`: the chat that does not exist yet). The page writes and reads it. */
  drafts: defineTable({
    userId: v.id("users"),
    taskId: v.optional(v.id("tasks")),
    text: v.string(),
    updatedAt: v.number(),
  })
    .index("by_user_task", ["userId", "taskId"])
    .index("by_task", ["taskId"]),

  /**
   * A person's files. `draft`: attached to a prompt that is being written in a chat (no `taskId`: in the one that does not exist
   * yet). `sent`: of a prompt of the chat, also of one that waits in the queue; the parts of messages name it, and an edited
   * prompt shares it with the one before. A chat that was branched off has rows of its own for the same bytes, which go with the last of
   * them. Inserted by `attachments.add` and by `model/tree/`, patched once, when it is sent. Deleted, with its
   * bytes, by its owner from a draft or the queue, some time after it was attached and never sent, and with the chat.
   */
  attachments: defineTable({
    userId: v.id("users"),
    taskId: v.optional(v.id("tasks")),
    state: v.union(v.literal("draft"), v.literal("sent")),
    storageId: v.id("_storage"),
    filename: v.string(),
    mediaType: v.string(),
    /** Bytes. */
    size: v.number(),
  })
    .index("by_user_state_task", ["userId", "state", "taskId"])
    .index("by_task", ["taskId"])
    .index("by_state", ["state"])
    .index("by_storageId", ["storageId"]),

  /**
   * The models that a provider has listed; one row for each that was ever connected. Written when a list was read that differs, read when a
   * model is chosen and by sends of chats that have one: `model/offeredModels.ts` alone does that. Deleted when the owner's page
   * removes the provider.
   */
  offeredModels: defineTable({
    /** Its address, behind its id unless that is `openai`. */
    server: v.string(),
    /** By its own names. */
    ids: v.array(v.string()),
  }).index("by_server", ["server"]),

  /**
   * Which models the owner shows to guests, members or admins; without a row, all. One row for each of the three at most, read by sends.
   * Written and deleted by the owner's page: `model/modelAccess.ts` alone does that.
   */
  modelAccess: defineTable({ audience: vModelAudience, show: v.array(v.string()) }).index("by_audience", [
    "audience",
  ]),

  /**
   * What the providers' lists say that counts when a model is asked: how much it reads and writes, what that costs. One row for each provider,
   * apart from `offeredModels`, which every send reads. Written when a list was read that differs, read by each run, deleted with the list:
   * `model/context/keptFacts.ts` and `model/offeredModels.ts` alone do that.
   */
  modelFacts: defineTable({ server: v.string(), models: v.array(vKeptFacts) }).index("by_server", ["server"]),

  /**
   * What each run took, one row a run, inserted by its end, which reads none; patched once, when the generator of a stopped run tells. A run that waited
   * for approval has a row for each of its turns, a question beside an answer one of its own. Read by `usage.ofAnswer`, `ofChat` and `since`
   * for whoever looks, and by the next run of the chat for how its model counts tokens. Not deleted with the chat: what was spent stays spent.
   */
  usages: defineTable({
    userId: v.id("users"),
    taskId: v.id("tasks"),
    messageId: v.id("chatMessages"),
    endedAt: v.number(),
    /** The stored id of the model that was asked, as far as is known. */
    model: v.optional(v.string()),
    /** Absent where the model's server did not tell: a run that was stopped, or broke off. */
    usage: v.optional(vUsage),
    /** Those of the time of the run. */
    prices: v.optional(vPrices),
    measured: v.optional(vMeasured),
    /** A question beside the answer; absent for the answer itself. */
    kind: v.optional(vAskKind),
    /** The person's own key paid. */
    ownKey: v.optional(v.literal(true)),
    /** To budgets, where any held. */
    charged: v.optional(vCharged),
  })
    .index("by_user", ["userId", "endedAt"])
    .index("by_task", ["taskId", "endedAt"])
    .index("by_message", ["messageId"])
    .index("by_end", ["endedAt"]),

  /** The budgets that the owner has set in place of the environment's: one row at most. `model/spending/limits.ts` alone reads and writes it. */
  budgetSettings: defineTable({ server: vLimit, person: vLimit }),

  /** Budgets of single persons, set and removed by the owner; deleted with the person. `model/spending/limits.ts` alone reads and writes them. */
  personBudgets: defineTable({ userId: v.id("users"), limit: vLimit }).index("by_user", ["userId"]),

  /**
   * What a person has spent and reserved in a month, while a budget holds for them. Inserted by their first request of the month, patched by their
   * requests and ends: `model/spending/` alone reads and writes them. Deleted with the person.
   */
  spendings: defineTable({
    userId: v.id("users"),
    /** "2026-11", in UTC. */
    month: v.string(),
    unit: vUnit,
    spent: v.number(),
    reserved: v.number(),
    /** What of the server's budget is theirs; never less than both together, but for what a reply took beyond its reservation. */
    allotted: v.number(),
    /** The server's budget under which that was. */
    poolLimit: v.union(v.number(), v.null()),
    /** The last reservation; absent when the rest of the allotment has gone back. */
    idleSince: v.optional(v.number()),
  })
    .index("by_user_month_unit", ["userId", "month", "unit"])
    .index("by_month_idle", ["month", "idleSince"]),

  /** What people have been allotted of the server's budget of a month, in shards: `model/spending/pool.ts` alone reads and writes them. */
  spendingShards: defineTable({
    month: v.string(),
    unit: vUnit,
    shard: v.number(),
    taken: v.number(),
  }).index("by_month_unit_shard", ["month", "unit", "shard"]),

  /**
   * One row at most: how much of the server's budget is left, for the page. Written by the cron of `model/spending/rebalance.ts`, when it
   * changes; read by `budgets.mine`.
   */
  serverSpending: defineTable({ month: v.string(), level: v.union(v.literal("low"), v.literal("usedUp")) }),

  /**
   * People's own API keys for model providers, encrypted: see `model/keys/`, which alone reads and writes them. Inserted and patched when a
   * person sets one, or the owner changes the server's secret; deleted when they remove it, and with the person.
   */
  providerKeys: defineTable({
    userId: v.id("users"),
    providerId: v.string(),
    sealed: vSealedKey,
    /** All that is ever shown of it. */
    lastFour: v.string(),
    setAt: v.number(),
  }).index("by_user_provider", ["userId", "providerId"]),

  /**
   * Providers of models that the owner's page has added, with their keys encrypted; 20 at most, read by everything that asks models:
   * `model/modelProviders/` alone reads and writes them, and `model/keys/reseal.ts` when the owner changes the server's secret. Deleted by
   * the owner's page.
   */
  addedProviders: defineTable(vAdded).index("by_provider", ["config.id"]),

  /**
   * For whom the owner has switched a tool on, and whether it asks; without a row it is as `model/tools/toolAudience.ts` has it, which alone
   * reads and writes them. Never deleted.
   */
  toolSettings: defineTable({
    /** As in `tools` of a chat. */
    tool: v.string(),
    audience: v.optional(vAudience),
    needsApproval: v.optional(v.boolean()),
  }).index("by_tool", ["tool"]),

  /**
   * A person's sign-in to an MCP server: `model/tools/mcp/signIns.ts` alone reads and writes them. Inserted when they come back from its page,
   * patched when it is renewed, refused, or sealed anew; deleted when they sign out, and with the person.
   */
  mcpSignIns: defineTable({ userId: v.id("users"), server: v.string(), signIn: vSignIn }).index(
    "by_user_server",
    ["userId", "server"],
  ),

  /**
   * Sign-ins under way: `model/tools/mcp/signInTries.ts` alone reads and writes them. Inserted when a person is sent to a server's page;
   * deleted when they come back, or after ten minutes by a job.
   */
  mcpSignInTries: defineTable({ ...vSignInTry.fields, endsAt: v.number() })
    .index("by_stateDigest", ["stateDigest"])
    .index("by_user", ["userId"]),

  /**
   * Leave to upload one file, given with an upload URL: it says whose the file is, since a URL does not. Its secret goes with the bytes, as
   * a parameter of their media type, and is found in what is stored. Inserted by `attachments.generateUploadUrl`; read and deleted when
   * the file is attached, or by a cron after a day.
   */
  uploadTickets: defineTable({
    userId: v.id("users"),
    secret: v.string(),
    mediaType: v.string(),
    /** Bytes that were announced. */
    size: v.number(),
  })
    .index("by_secret", ["secret"])
    .index("by_user", ["userId"]),

  /**
   * One row: stored files up to these creation times were looked at by `attachments.sweepUploads`, for those that nobody has attached, and
   * by `attachments.sweepStrays`, for those without a ticket. These two alone read and write it.
   */
  uploadSweeps: defineTable({ sweptTo: v.number(), strayTo: v.optional(v.number()) }),

  /**
   * A person's instructions to the models: for all their chats (no `taskId`), and for one chat. Written by `instructions.set`,
   * read by the generator. Deleted when they are emptied, and with the chat.
   */
  instructions: defineTable({
    userId: v.id("users"),
    taskId: v.optional(v.id("tasks")),
    text: v.string(),
  })
    .index("by_user_task", ["userId", "taskId"])
    .index("by_task", ["taskId"]),

  /**
   * What a person may want to send after an answer: one row per answer that a page has asked for, beside the message, so that it is
   * not sent again to whoever sees the chat. Inserted by `followUps.request`, patched once by the end of `generate.followUps`,
   * which deletes it instead when it gave way to another run. Read by the page; deleted with the chat.
   */
  followUps: defineTable({
    userId: v.id("users"),
    taskId: v.id("tasks"),
    messageId: v.id("chatMessages"),
    outcome: vFollowUps,
  })
    .index("by_message", ["messageId"])
    .index("by_user", ["userId"])
    .index("by_task", ["taskId"]),

  /**
   * Questions to models beside their answers that are not over. Inserted with what they are asked for, patched when there is a place
   * for them, deleted when their action has ended: `model/suggestions/asks.ts` alone does that.
   */
  asks: defineTable({
    kind: vAskKind,
    messageId: v.id("chatMessages"),
    /** Whose budget it is. Absent in rows of earlier versions, as is `taskId`. */
    userId: v.optional(v.id("users")),
    taskId: v.optional(v.id("tasks")),
    reserved: v.optional(vReservation),
    /** Absent while it waits for a place. */
    startedAt: v.optional(v.number()),
  })
    .index("by_user", ["userId"])
    .index("by_startedAt", ["startedAt"]),

  /**
   * What models are told in place of the older part of a chat: `model/context/summaries.ts` alone writes and reads them, and `summaries.read`. Inserted
   * when the model has replied, never changed; older ones of a chat deleted with a newer one, all with the chat.
   */
  contextSummaries: defineTable({
    userId: v.id("users"),
    taskId: v.id("tasks"),
    /** It tells of the path up to this message; `upTo` is the sequence of the first that it does not tell of. */
    lastMessageId: v.id("chatMessages"),
    upTo: v.number(),
    text: v.string(),
  })
    .index("by_task", ["taskId"])
    .index("by_user", ["userId"]),

  /** What search looks through: the beginning of each message. Written with the message or at its end; deleted with the chat. */
  searchTexts: defineTable({
    userId: v.id("users"),
    taskId: v.id("tasks"),
    messageId: v.id("chatMessages"),
    text: v.string(),
  })
    .index("by_message", ["messageId"])
    .index("by_task", ["taskId"])
    .searchIndex("search_text", { searchField: "text", filterFields: ["userId"] }),

  /** Token buckets of the versions before `model/budgets/`, which has them in a component. A cron empties it; nothing else reads or writes it. */
  rateLimits: defineTable({
    userId: v.id("users"),
    bucket: v.optional(v.literal("uploads")),
    tokens: v.number(),
    updatedAt: v.number(),
  }).index("by_user_bucket", ["userId", "bucket"]),

  /**
   * Rare events, one row each, because inserts never conflict. Inserted by `model/metrics/events.ts`; its cron adds them to the
   * totals and deletes them.
   */
  events: defineTable({ name: v.string() }),

  /**
   * How often each rare event has happened since the beginning. Written by the cron of `model/metrics/events.ts` alone, read by
   * `metrics.overview`, never deleted. Earlier versions had several rows for a name, and names that are no longer counted.
   */
  metricsCounters: defineTable({
    name: v.string(),
    shard: v.number(),
    count: v.number(),
  }).index("by_name_shard", ["name", "shard"]),
});
