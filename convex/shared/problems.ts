/** Why an answer did not come to its own end, so that it can be said in words what to do about it. [G12] */

import type { ChatSettings } from "./chatSettings";

export type ProblemKind =
  // What the provider refuses.
  | "key"
  /** The owner's, set on their page. */
  | "keyLost"
  | "credit"
  | "forbidden"
  | "modelMissing"
  /** Its list is empty, and its owner names none. */
  | "noModels"
  /** Azure lists none to whoever has the key alone. */
  | "noDeployments"
  | "contextTooLong"
  | "tooLarge"
  | "rateLimit"
  | "loading"
  | "flagged"
  /** Sent to a model that takes none. */
  | "tools"
  | "images"
  | "setting"
  | "badRequest"
  /** Found before the model is asked. */
  | "promptTooLong"
  | "budget"
  | "serverBudget"
  // What a person's own key has to do with it.
  | "ownKey"
  | "ownKeyLost"
  | "ownKeyMissing"
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
  /** About how many tokens the prompt has, and how many the model reads. */
  tokens?: number;
  contextLength?: number;
  /** The model that was asked for, and some of those that the server has. */
  model?: string;
  models?: string[];
  /** How many more it has. */
  moreModels?: number;
  /** What the chat sets and the model does not take. */
  setting?: keyof ChatSettings;
  /** Whose key it is about, by name. */
  provider?: string;
  /** What the owner sets for this provider, by name; those of OpenAI's variables where it is left out. */
  settings?: ProviderSettings;
};

/** `isOnPage`: the provider was added on the owner's page, and all three are its id there. */
export type ProviderSettings = { key: string; address: string; model: string; isOnPage?: true };

/** What happened, without a full stop, and what to do, as sentences; "" where nothing helps. `when`: when to try again. */
export type WordsForProblem = {
  what: (problem: Problem) => string;
  todo: (problem: Problem, when: string | null) => string;
};

/** One language's words. */
export type ProblemWords = Record<ProblemKind, WordsForProblem>;

/** The names of variables that connect OpenAI, or a server like it. */
export const OPENAI_SETTINGS = { key: "OPENAI_API_KEY", address: "OPENAI_BASE_URL", model: "OPENAI_MODEL" };

/** What the owner sets for the provider that has the problem; `onPage` says in words where one of the owner's page is, given its id. */
export function settingsOf(problem: Problem, onPage: (id: string) => string): ProviderSettings {
  const settings: ProviderSettings = problem.settings ?? OPENAI_SETTINGS;
  if (!settings.isOnPage) return settings;
  return { key: onPage(settings.key), address: onPage(settings.address), model: onPage(settings.model) };
}

/** The server's words, for problems whose own sentence does not hold them. */
export const quotedWords = ({ kind, words }: Problem): string | null =>
  words === undefined || words === "" || kind === "endWord" ? null : words;

/** " (404)", for whoever looks it up. */
export const statusOf = ({ status }: Problem): string =>
  status === undefined || status < 300 ? "" : ` (${status})`;

/** All of it in one text. `when`: when to try again. */
export function wholeProblemText(problem: Problem, words: ProblemWords, when: string | null = null): string {
  const { what, todo } = words[problem.kind];
  const quoted = quotedWords(problem);
  const said = quoted === null ? "." : /[.!?]$/.test(quoted) ? `: ${quoted}` : `: ${quoted}.`;
  return `${what(problem)}${statusOf(problem)}${said} ${todo(problem, when)}`.trim();
}

/** What happened and what to do, without the server's words. */
export function problemText(problem: Problem, words: ProblemWords, when: string | null): string {
  const { what, todo } = words[problem.kind];
  return `${what(problem)}${statusOf(problem)}. ${todo(problem, when)}`.trim();
}
