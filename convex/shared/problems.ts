/** Why an answer did not come to its own end, so that it can be said in words what to do about it. [G12] */

export type ProblemKind =
  // What the provider refuses.
  | "key"
  | "credit"
  | "forbidden"
  | "modelMissing"
  | "contextTooLong"
  | "tooLarge"
  | "rateLimit"
  | "loading"
  | "flagged"
  | "badRequest"
  // What stands between.
  | "serverDown"
  | "serverProblem"
  | "wrongPath"
  | "redirect"
  | "brokenOff"
  // Our patience.
  | "noFirstWord"
  | "noWord"
  | "runLimit"
  // How the model ended.
  | "empty"
  | "onlyThoughts"
  | "toolRounds"
  | "refused"
  | "endWord"
  | "unknown";

export type Problem = {
  kind: ProblemKind;
  /** The server's own words, without secrets. */
  words?: string;
  /** Of HTTP. */
  status?: number;
  /** The server's address, without secrets. */
  address?: string;
  /** Before this nothing is gained by trying again; milliseconds since the epoch. */
  retryAt?: number;
  /** The limit that was reached, milliseconds. */
  limitMs?: number;
  /** Rounds of tool calls. */
  rounds?: number;
  /** The model that was asked for, and some of those that the server has. */
  model?: string;
  models?: string[];
  /** How many more it has. */
  moreModels?: number;
};

/** One language's words: what happened, without a full stop, and what to do, as sentences; "" where nothing helps. */
export type ProblemWords = Record<ProblemKind, { what: (problem: Problem) => string; todo: (problem: Problem, when: string | null) => string }>;
