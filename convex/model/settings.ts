import { readSignUpDomains } from "../shared/signUpDomains";

/**
 * Times and sizes of the machinery, in milliseconds and characters. What a person who runs Verbatim may want to change
 * comes from the environment.
 */

/** How long a run may be silent before it is ended for it. Several heartbeats, so that one lost write ends nothing. */
export const LEASE_MS = 30_000;

/** When nobody has claimed a run by then, its start check has the server start it: the tab that should have was closed. */
export const START_CHECK_MS = 2_000;

/** The same for a queued prompt, whose page may be long gone: one that is open sees the run at once. */
export const QUEUE_START_CHECK_MS = 1_000;

/** While a run waits, its start check comes back ever less often, at last after this long at most. */
export const MAX_START_CHECK_MS = 60_000;

/** How long a place is kept for a page to claim it; then the server starts the run. A page is told at once, over an open connection. */
export const CALL_PATIENCE_MS = 2_000;

/** What each other live run of the same person puts off the turn of their next one by: about what an answer takes. */
export const FAIRNESS_MS = 60_000;

/** Heartbeats are stored at most this often: the lease needs no more, and each rewrites the live row. */
export const HEARTBEAT_WRITE_MS = 5_000;

/**
 * How long after it was seen live a run's flushes are appended without looking at it again: the log itself refuses those of a run that has
 * ended (`runs/runWrites.ts`), as long as its last row is there.
 */
export const FLUSH_TRUST_MS = 2_000;

/** How long after its end the last row of a run stays at least, which refuses its flushes: for longer than they are trusted. */
export const AFTER_LAST_FLUSH_MS = 2 * FLUSH_TRUST_MS;

/** Rows of the log that a page holds. */
export const PAGE_ROWS = 32;

/**
 * Characters that a row of a page may have on average: larger ones are as good as a page, and to write their text once more would
 * cost more than it saves. (Besides its text a row has about 210 bytes.)
 */
export const MAX_PAGED_ROW_CHARS = 96;

/** Characters that one flush may carry; a longer buffer goes in several. */
export const MAX_FLUSH_CHARS = 8_192;

/**
 * Bytes. Answers up to this size are stored whole in their message; longer ones stay in their log. Small enough that a page of fifty
 * is far within what one query may read, large enough for nearly every answer.
 */
export const MAX_INLINE_BYTES = 65_536;

/** How long chunk rows stay after their text was stored whole: readers that follow the answer still look at them. */
export const CHUNK_CLEANUP_DELAY_MS = 60_000;

/** How long the deletion of a chat can be undone: the page offers it for some seconds, a slow connection adds to them. */
export const UNDO_REMOVAL_MS = 60_000;

/**
 * How long the receipts of a deleted chat are kept. A page that never heard of its send repeats it when it is opened again: three months
 * later it is a forgotten tab. A receipt has about 250 bytes.
 */
export const PURGED_RECEIPT_DAYS = 90;

/** Rows deleted in one mutation: far below what a transaction may write, and short. */
export const DELETE_BATCH = 200;

/**
 * Rows moved in one mutation when a guest becomes the owner, and bytes of their contents: each is read and written. A chat of ten messages
 * has about forty rows.
 */
export const ADOPTION_BATCH = 400;
export const ADOPTION_BATCH_BYTES = 2 * 1024 * 1024;

/** Characters of a message that search looks through. */
export const MAX_SEARCH_CHARS = 4_096;

/** How long a file stays that was attached to a draft and not sent. */
export const DRAFT_FILE_DAYS = 30;

/** How long an upload may go without being attached: the page does it at once, so that after this the page was closed between. */
export const LOOSE_UPLOAD_DAYS = 1;

export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;

/** Uploads of one person within an hour that may be under way or were given up. A page attaches each as soon as it has arrived. */
export const MAX_OPEN_UPLOADS = 40;

/** How old an upload is when it is looked at whether it may be here at all. */
export const STRAY_UPLOAD_MS = 60_000;

const isSet = (name: string): boolean => (process.env[name]?.trim() ?? "") !== "";

/** What a variable is set to; null where it is not, and for what is no positive number, which is logged with what holds instead. */
export function positiveVariable(name: string, byDefault: number): number | null {
  const text = process.env[name];
  if (text === undefined || text.trim() === "") return null;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  console.warn(
    `[SETTINGS] ${name} must be a positive number, not ${JSON.stringify(text)}; using ${byDefault}`,
  );
  return null;
}

const positiveNumber = (name: string, byDefault: number): number =>
  positiveVariable(name, byDefault) ?? byDefault;

/** All a run may take, below the 10 minutes that a Node action lives. `VERBATIM_RUN_LIMIT_MS`. */
export const runLimitMs = () => positiveNumber("VERBATIM_RUN_LIMIT_MS", 9.5 * 60_000);

/** How long a run may wait for a place before it is given up. `VERBATIM_WAIT_LIMIT_MS`. */
export const waitLimitMs = () => positiveNumber("VERBATIM_WAIT_LIMIT_MS", 60 * 60_000);

/**
 * Runs that may generate at once; null for as many as the deployment runs actions, which is right on Convex: it refuses the others,
 * and they wait. `VERBATIM_LIVE_RUNS`.
 */
export const liveRunLimit = (): number | null =>
  isSet("VERBATIM_LIVE_RUNS") ? Math.max(1, Math.floor(positiveNumber("VERBATIM_LIVE_RUNS", 1))) : null;

/**
 * Runs at once that the server may start itself, because no page did. On Convex scheduled functions share about ten places, in which a
 * run stays for its whole life; watchdogs and clean-ups need some. `VERBATIM_SERVER_RUNS`.
 */
export const serverRunLimit = () => Math.max(1, Math.floor(positiveNumber("VERBATIM_SERVER_RUNS", 6)));

/** How long a model's server may send nothing before its first word: it may have to load the model. `VERBATIM_FIRST_TOKEN_LIMIT_MS`. */
export const firstTokenLimitMs = () => positiveNumber("VERBATIM_FIRST_TOKEN_LIMIT_MS", 5 * 60_000);

/** How long it may send nothing in mid-reply. `VERBATIM_SILENCE_LIMIT_MS`. */
export const silenceLimitMs = () => positiveNumber("VERBATIM_SILENCE_LIMIT_MS", 60_000);

const isOn = (name: string): boolean => process.env[name]?.trim().toLowerCase() !== "off";

/**
 * The distance between two flushes of an answer, milliseconds: how long its text takes to reach viewers, at most. `VERBATIM_FLUSH_MS`;
 * null where it is not set: then the distance grows with the answer, since each call costs money on Convex.
 */
export const flushMs = (): number | null => {
  const ms = positiveNumber("VERBATIM_FLUSH_MS", 0);
  return ms === 0 ? null : ms;
};

/**
 * Are budgets that many share taken in the transaction of a send? For a backend whose transactions cannot conflict: there it is exact, and
 * less work. `VERBATIM_EXACT_BUDGETS=on`.
 */
export const sharedBudgetsAreExact = () => process.env["VERBATIM_EXACT_BUDGETS"] === "on";

/** May a chat's model be asked to name it? `VERBATIM_TITLES=off` says no. */
export const titlesAreOn = () => isOn("VERBATIM_TITLES");

/** May a chat's model be asked what a person may send next? `VERBATIM_FOLLOW_UPS=off` says no. */
export const followUpsAreOn = () => isOn("VERBATIM_FOLLOW_UPS");

/** May a chat's model be asked to summarise what no longer fits into its context? `VERBATIM_SUMMARIES=off` says no. */
export const summariesAreOn = () => isOn("VERBATIM_SUMMARIES");

/** May people set API keys of their own? `VERBATIM_OWN_KEYS=off` says no. */
export const ownKeysAreOn = () => isOn("VERBATIM_OWN_KEYS");

/** Models that may be asked although the connected server does not list them. `VERBATIM_MODELS`, separated by commas. */
export const namedModels = (): string[] =>
  (process.env["VERBATIM_MODELS"] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

/**
 * Tokens that a model is taken to read where neither its provider nor `providers/knownModels.ts` says how many. `VERBATIM_CONTEXT_TOKENS`; at
 * least 1,024.
 */
export const unknownContextTokens = () =>
  Math.max(1_024, Math.floor(positiveNumber("VERBATIM_CONTEXT_TOKENS", 32_768)));

/**
 * Tokens of its context that are used of any model: each send costs what it is sent, and providers charge more above this. A longer prompt is
 * sent all the same. `VERBATIM_MAX_CONTEXT_TOKENS`; at least 1,024.
 */
export const maxContextTokens = () =>
  Math.max(1_024, Math.floor(positiveNumber("VERBATIM_MAX_CONTEXT_TOKENS", 200_000)));

/**
 * Does this machine know its owner? `npm start` says so to the functions, by `VERBATIM_LOCAL_OWNER`, where only this machine can connect;
 * which requests come from it the backend says.
 */
export const localOwnerIsOn = () => process.env["VERBATIM_LOCAL_OWNER"] === "on";

/** May whoever opens the page be a guest? `VERBATIM_GUESTS`, `on` or `off`; null where it is not set: then the owner's setting holds. */
export const guestsVariable = (): boolean | null =>
  isSet("VERBATIM_GUESTS") ? process.env["VERBATIM_GUESTS"]?.trim().toLowerCase() === "on" : null;

/** Who may make an account: with a link by an admin, anybody, or nobody. */
export type SignUpPolicy = "invitation" | "open" | "closed";

/** `VERBATIM_SIGN_UP`; null where it is not set: then the owner's setting holds. What is none of the three counts as `invitation`. */
export const signUpVariable = (): SignUpPolicy | null => {
  if (!isSet("VERBATIM_SIGN_UP")) return null;
  const policy = process.env["VERBATIM_SIGN_UP"]?.trim().toLowerCase();
  return policy === "open" || policy === "closed" ? policy : "invitation";
};

/**
 * E-mail domains whose people need no invitation, where an OpenID Connect provider vouches for their addresses: `VERBATIM_SIGN_UP` as
 * `domains:example.org,example.net`, which is `invitation` for all others.
 */
export const signUpDomains = (): string[] => readSignUpDomains(process.env["VERBATIM_SIGN_UP"]) ?? [];

/**
 * The one-time code with which the owner's account is made; null for none. `VERBATIM_SETUP_CODE`, which `npm start` makes and prints where
 * it is needed.
 */
export const setupCode = (): string | null =>
  isSet("VERBATIM_SETUP_CODE") ? (process.env["VERBATIM_SETUP_CODE"] ?? null) : null;

/** How often one person's pages and scripts may have the connected server asked for its models a minute: a page asks once. */
export const MODEL_LISTS_PER_MINUTE = 30;

/*
 * Tries of passwords, codes and links: of one person from one address in ten minutes, of one address, and of one person from all addresses. An
 * office signs in behind one address on the first morning.
 */
export const TRIES_OF_PERSON_AT_ADDRESS = 10;
export const TRIES_OF_ADDRESS = 200;
export const TRIES_OF_PERSON = 200;
export const TRIES_PERIOD_MS = 10 * 60_000;

/*
 * Entries of the audit list a day that a stranger or one person can cause, and all strangers together: what comes beyond is not listed, so
 * that nobody fills the disk. An entry has about 300 bytes.
 */
export const AUDIT_FAILURES_OF_ADDRESS = 50;
export const AUDIT_FAILURES_OF_SERVER = 1_000;
export const AUDIT_ENTRIES_OF_PERSON = 200;

/**
 * A budget of what models cost in a month; null where none is set. A value that is no number allows nothing: a typing error must not
 * spend without a limit. [G16]
 */
function monthlyBudget(name: string): number | null {
  if (!isSet(name)) return null;
  const value = Number((process.env[name] ?? "").trim().replace(/^\$/, ""));
  if (Number.isFinite(value) && value >= 0) return value;
  console.warn(
    `[SETTINGS] ${name} must be a number, not ${JSON.stringify(process.env[name])}; nothing may be spent`,
  );
  return 0;
}

/** What everybody together may spend in a month. `VERBATIM_BUDGET_DOLLARS`, `VERBATIM_BUDGET_TOKENS` for what has no price. */
export const serverBudgetDollars = () => monthlyBudget("VERBATIM_BUDGET_DOLLARS");
export const serverBudgetTokens = () => monthlyBudget("VERBATIM_BUDGET_TOKENS");

/** What one person may. `VERBATIM_BUDGET_DOLLARS_PER_PERSON`, `VERBATIM_BUDGET_TOKENS_PER_PERSON`. */
export const personBudgetDollars = () => monthlyBudget("VERBATIM_BUDGET_DOLLARS_PER_PERSON");
export const personBudgetTokens = () => monthlyBudget("VERBATIM_BUDGET_TOKENS_PER_PERSON");
