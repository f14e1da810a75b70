import { providerSecrets } from "../providers/settings";
import { keySecretTexts } from "./keys/keySecrets";

/** Secrets never reach a page or a log, whoever repeats them. They are known by their values, so that no form of text hides them. */

import { mcpServers, secretsOfServer } from "./tools/mcp/mcpSettings";

/** Settings whose value is a secret, beside those of providers. */
const SECRET_SETTINGS = [
  "JWT_PRIVATE_KEY",
  "VERBATIM_SETUP_CODE",
  "VERBATIM_OIDC_CLIENT_SECRET",
  "VERBATIM_BRAVE_KEY",
  "VERBATIM_TAVILY_KEY",
];

/** Settings with addresses, which may have a user, a password or a key in the query; beside those of providers. */
const ADDRESS_SETTINGS = ["VERBATIM_SEARXNG_URL"];

/** Shorter values stand anywhere in a text. */
const MIN_CHARS = 4;

/** What people set as the key of a server that wants none. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  "none",
  "null",
  "test",
  "dummy",
  "empty",
  "no-key",
  "ollama",
  "openai",
  "lm-studio",
  "llama.cpp",
  "not-needed",
]);

const HIDDEN = "[hidden]";

/** What looks like a key or a password, whosever it is. */
const PATTERNS: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  [/\b(sk-|xai-|AIza)[\w-]{16,}/g, HIDDEN],
  [/([?&](?:api[-_]?)?key=)[^&\s"']{4,}/gi, `$1${HIDDEN}`],
  [/(\w+:\/\/)[^\s/@:]*:[^\s/@]+@/g, `$1`],
];

/** People's own keys, for as long as something uses them, and by how many. */
const inUse = new Map<string, number>();

/** Has a person's key kept out of all texts until what is returned is called. */
export function hideSecret(secret: string): () => void {
  inUse.set(secret, (inUse.get(secret) ?? 0) + 1);
  let isReleased = false;
  return () => {
    if (isReleased) return;
    isReleased = true;
    const users = (inUse.get(secret) ?? 1) - 1;
    if (users === 0) inUse.delete(secret);
    else inUse.set(secret, users);
  };
}

/** The text without any secret of this deployment. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const secret of secrets()) clean = clean.replaceAll(secret, HIDDEN);
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return clean;
}

/** Every form in which a secret may be repeated, longest first, so that none leaves a rest. */
function secrets(): string[] {
  const { keys, addresses } = providerSecrets();
  const set = [
    ...SECRET_SETTINGS.map(setting),
    ...keySecretTexts(),
    ...inUse.keys(),
    ...keys,
    ...addresses.flatMap(secretsOfAddress),
    ...ADDRESS_SETTINGS.flatMap((name) => secretsOfAddress(setting(name))),
    ...mcpServers().flatMap((server) => [...secretsOfServer(server), ...secretsOfAddress(server.url)]),
  ];
  const values = set.filter((value) => value.length >= MIN_CHARS && !PLACEHOLDERS.has(value.toLowerCase()));
  const forms = values.flatMap((value) => {
    const json = JSON.stringify(value).slice(1, -1);
    return [value, encodeURIComponent(value), json, base64(value)];
  });
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

const setting = (name: string): string => process.env[name]?.trim() ?? "";

function secretsOfAddress(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { username, password, searchParams } = new URL(address);
  const [user, word] = [decoded(username), decoded(password)];
  return [...(word === "" ? [] : [word, `${user}:${word}`]), ...searchParams.values()];
}

/** A value that is no UTF-8 stands as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function base64(value: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(value)));
}
