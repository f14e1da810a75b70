import type { ChatSettings } from "./chatSettings";
import { settingsOf, wholeProblemText, type Problem, type ProblemWords } from "./problems";

const again = (when: string | null): string =>
  when === null ? "Try again in a moment." : `Try again ${when}.`;

const atAddress = ({ address }: Problem): string =>
  address === undefined ? "at its address" : `at ${address}`;

/** "13,000": two digits say enough of an estimate. */
const rounded = (tokens: number): string => Number(tokens.toPrecision(2)).toLocaleString("en-US");

/** "60 seconds", "5 minutes". */
function duration(ms = 0): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  const isMinutes = seconds > 90 && seconds % 30 === 0;
  const amount = isMinutes ? seconds / 60 : seconds;
  return `${amount} ${isMinutes ? "minute" : "second"}${amount === 1 ? "" : "s"}`;
}

const onPage = (id: string): string => `“${id}” under “This server”, “Providers”`;

function thoseThere(problem: Problem): string {
  const { models = [], moreModels = 0 } = problem;
  const { model } = settingsOf(problem, onPage);
  if (models.length === 0) return `Choose another model, or set ${model}.`;
  const more = moreModels === 0 ? "" : ` and ${moreModels} more`;
  const choose = models.length + moreModels === 1 ? "Choose that one" : "Choose one of them";
  return `It has ${models.join(", ")}${more}. ${choose}, or set ${model}.`;
}

const SETTINGS: Record<keyof ChatSettings, string> = {
  effort: "the effort",
  temperature: "the temperature",
  topP: "the top-p",
  maxOutputTokens: "the longest reply",
};

/** The words of the page in English, and those that are stored as `errorMessage`. */
export const problemsInEnglish: ProblemWords = {
  key: {
    what: () => "The model's server refused the key",
    todo: (problem) => `Check ${settingsOf(problem, onPage).key}.`,
  },
  keyLost: {
    what: ({ provider = "this provider" }) => `The key for ${provider} can no longer be read`,
    todo: (problem) => `Set it again: ${settingsOf(problem, onPage).key}.`,
  },
  credit: {
    what: () => "The account at the model's provider has no credit left",
    todo: () => "Add credit there, or choose another model.",
  },
  forbidden: {
    what: () => "The model's server does not allow this request",
    todo: () => "Check what the key may use, and from where.",
  },
  modelMissing: {
    what: ({ model }) =>
      model === undefined
        ? "The model's server does not have this model"
        : `The model's server does not have the model ${model}`,
    todo: thoseThere,
  },
  noModels: {
    what: (problem) => `The model server ${atAddress(problem)} lists no model that can chat`,
    todo: (problem) => `Install or load one there, or set ${settingsOf(problem, onPage).model}.`,
  },
  noDeployments: {
    what: () => "Azure lists no deployments",
    todo: (problem) => `Name yours in ${settingsOf(problem, onPage).model}.`,
  },
  contextTooLong: {
    what: () => "The chat is longer than the model can read",
    todo: () => "Start a new chat, send less, or raise the context length at the server.",
  },
  budget: {
    what: () => "What is left of your budget for this month is too little for this reply",
    todo: () => "Choose a cheaper model, begin a new chat, which sends less, or wait for the next month.",
  },
  serverBudget: {
    what: () => "What is left of this server's budget for this month is too little for this reply",
    todo: () => "Choose a cheaper model, ask your administrator, or wait for the next month.",
  },
  promptTooLong: {
    what: ({ tokens = 0, contextLength = 0 }) =>
      `The message with its files has about ${rounded(tokens)} tokens, and the model reads ${rounded(contextLength)}`,
    todo: () => "Shorten it, attach less, or choose a model with a longer context.",
  },
  tooLarge: {
    what: () => "The message or its files are too large for the model's server",
    todo: () => "Send less, or smaller files.",
  },
  rateLimit: {
    what: () => "The model's server has too many requests or its quota is used up",
    todo: (_problem, when) => again(when),
  },
  loading: {
    what: () => "The model's server is still loading the model",
    todo: (_problem, when) => again(when),
  },
  flagged: {
    what: () => "The model's provider does not accept the message",
    todo: () => "Word it in another way.",
  },
  tools: {
    what: () => "The model cannot use tools",
    todo: () => "Switch off the tools of this chat, or choose another model.",
  },
  images: {
    what: () => "The model does not read images",
    todo: () => "Send the message without them, or choose another model.",
  },
  setting: {
    what: ({ setting = "effort" }) =>
      `The model does not take ${SETTINGS[setting]} that is set for this chat`,
    todo: () => "Set it back to the model’s default in the chat settings.",
  },
  ownKey: {
    what: ({ provider = "The provider" }) => `${provider} refused your API key`,
    todo: () => "Check it under “Your keys” in the settings.",
  },
  ownKeyLost: {
    what: ({ provider = "this provider" }) => `Your key for ${provider} can no longer be read`,
    todo: () => "Set it again under “Your keys” in the settings.",
  },
  ownKeyMissing: {
    what: ({ provider = "This provider" }) => `${provider} needs an API key of your own`,
    todo: () => "Set one under “Your keys” in the settings, or choose another model.",
  },
  badRequest: {
    what: () => "The model's server refused the request",
    todo: () => "",
  },
  serverDown: {
    what: (problem) => `No model server answers ${atAddress(problem)}`,
    todo: (problem) => `Start it, or check ${settingsOf(problem, onPage).address}.`,
  },
  serverProblem: {
    what: () => "The model's server has a problem",
    todo: (_problem, when) => again(when),
  },
  wrongPath: {
    what: (problem) => `There is no chat API ${atAddress(problem)}`,
    todo: (problem) =>
      `Check the path and the port in ${settingsOf(problem, onPage).address}; most end in /v1.`,
  },
  redirect: {
    what: (problem) => `The server ${atAddress(problem)} sends requests on to another address`,
    todo: (problem) => `Set ${settingsOf(problem, onPage).address} to the final address.`,
  },
  brokenOff: {
    what: () => "The connection to the model was lost",
    todo: () => "",
  },
  noFirstWord: {
    what: ({ limitMs }) => `No word from the model for ${duration(limitMs)}`,
    todo: () => "If it needs longer to begin, raise VERBATIM_FIRST_TOKEN_LIMIT_MS.",
  },
  noWord: {
    what: ({ limitMs }) => `No word from the model for ${duration(limitMs)} in mid-reply`,
    todo: () => "If it needs longer, raise VERBATIM_SILENCE_LIMIT_MS.",
  },
  runLimit: {
    what: ({ limitMs }) => `The reply took ${duration(limitMs)}, which is all that one may take`,
    todo: () => "If replies need longer, raise VERBATIM_RUN_LIMIT_MS.",
  },
  empty: {
    what: () => "The model ended its reply without a word",
    todo: () => "Try again, or choose another model.",
  },
  onlyThoughts: {
    what: () => "The model thought, but did not answer",
    todo: () => "Try again, or choose another model.",
  },
  toolRounds: {
    what: ({ rounds = 0 }) =>
      `The model called tools ${rounds} times in a row, which is as often as one reply may`,
    todo: () => "“Continue” allows as many again.",
  },
  refused: {
    what: () => "The model refused to answer",
    todo: () => "Word it in another way, or choose another model.",
  },
  endWord: {
    what: ({ words = "" }) => `The model's server ended the reply with “${words}”`,
    todo: () => "The reply may be incomplete.",
  },
  unknown: {
    what: () => "The model could not answer",
    todo: () => "",
  },
};

export const inEnglish = (problem: Problem, when: string | null = null): string =>
  wholeProblemText(problem, problemsInEnglish, when);
