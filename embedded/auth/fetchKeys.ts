/** Fetches the public keys of providers, as Convex does (`crates/authentication/src/lib.rs`, and the libraries that it asks). */
import { STATUS_CODES } from "node:http";
import { isAbsent } from "./tokenClaims.ts";

/** How long a provider may take to answer. Convex waits for as long as it takes. */
const FETCH_TIMEOUT_MS = 10_000;

/** Bytes of one answer: a thousand keys. Convex takes whatever comes. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** How much of an answer that is none is told, in characters. */
const MAX_TOLD = 500;

/** Fetches a URL, following redirects; `serving.ts` sends those of the backend itself to its own HTTP actions. */
export type Fetch = (
  url: string,
  init: { signal: AbortSignal; headers: Record<string, string> },
) => Promise<Response>;

export type Jwk = Record<string, unknown>;

/** A JWKS URL that gives no keys. The message is Convex's, for whoever has a token. */
export class JwksError extends Error {
  override name = "JwksError";
}

/** An issuer that gives no keys: it can't be asked, answers otherwise, or in a form that can't be read. */
export class DiscoveryError extends Error {
  override name = "DiscoveryError";
  constructor(
    reason: string,
    readonly found:
      { kind: "nothing" } | { kind: "refusal"; status: number; text: string } | { kind: "nonsense" },
  ) {
    super(reason);
  }
}

/** The keys at the `jwks` of a custom JWT's provider (`fetch_jwks` in Convex's file). Throws a `JwksError`. */
export async function fetchJwks(fetch: Fetch, url: string): Promise<Jwk[]> {
  const isData = /^\s*data:/i.test(url);
  const answer = await request(fetch, url).catch((error: unknown) => {
    if (isData) {
      throw new JwksError(
        "Invalid JWKS data URL. Check that the data URL is properly formatted and contains valid base64-encoded JSON.",
      );
    }
    throw couldNotFetch(url, reasonOf(error));
  });
  if (answer.status !== 200) {
    throw couldNotFetch(url, `HTTP ${answer.status} ${STATUS_CODES[answer.status] ?? "Unknown"}`);
  }
  if (!isData && !isJwksType(answer.type)) {
    throw new JwksError(
      `Invalid Content-Type '${answer.type ?? "unknown"}' when fetching JWKS from '${url}'. Expected ` +
        "'application/json' or 'application/jwk-set+json'.",
    );
  }
  const keys = keysIn(answer.text);
  if (keys === null || !keys.every(isReadable)) {
    throw new JwksError(
      `Invalid JWKS response body from '${url}'. The response is not valid JSON or doesn't match the expected JWKS format.`,
    );
  }
  return keys;
}

/** What an OpenID Connect issuer calls itself, and its keys. Those that cannot be read are passed over. */
export type Discovered = { issuer: string; keys: Jwk[] };

/** `domain`: as configured, with its scheme. Throws a `DiscoveryError`. (`discover_async` of the `openidconnect` crate.) */
export async function discover(fetch: Fetch, domain: string): Promise<Discovered> {
  const metadata = await requestJson(
    fetch,
    `${domain}/.well-known/openid-configuration`,
    /^application\/json\s*(;|$)/i,
  );
  const { issuer, jwks_uri: uri } = isObject(metadata) ? metadata : {};
  if (typeof issuer !== "string" || !URL.canParse(issuer)) throw nonsense("It names no issuer");
  if (typeof uri !== "string" || !URL.canParse(uri)) throw nonsense("It names no jwks_uri");
  const set = await requestJson(fetch, uri, /^application\/(json|jwk-set\+json)\s*(;|$)/i);
  const keys = isObject(set) ? set["keys"] : null;
  if (!Array.isArray(keys)) throw nonsense(`${uri} is no JWKS`);
  return { issuer, keys: keys.filter(isObject) };
}

const nonsense = (reason: string): DiscoveryError => new DiscoveryError(reason, { kind: "nonsense" });

type Answer = { status: number; type: string | null; text: string };

async function request(fetch: Fetch, url: string): Promise<Answer> {
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const response = await fetch(url, { signal, headers: { accept: "application/json" } });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    text: await textOf(response),
  };
}

/** An answer without a type is taken as JSON. */
async function requestJson(fetch: Fetch, url: string, types: RegExp): Promise<unknown> {
  const answer = await request(fetch, url).catch((error: unknown) => {
    throw new DiscoveryError(`${url}: ${reasonOf(error)}`, { kind: "nothing" });
  });
  const isExpected = answer.type === null || types.test(answer.type);
  if (answer.status !== 200 || !isExpected) {
    const text = answer.text.slice(0, MAX_TOLD);
    throw new DiscoveryError(`${url} answered with status ${answer.status}`, {
      kind: "refusal",
      status: answer.status,
      text,
    });
  }
  try {
    return JSON.parse(answer.text) as unknown;
  } catch {
    throw nonsense(`${url} answered with no JSON`);
  }
}

/** Stops at the bound: whoever answers for a provider must not fill the memory. */
async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`The answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

const couldNotFetch = (url: string, reason: string): JwksError =>
  new JwksError(
    `Could not fetch JWKS from URL '${url}': ${reason}. Check that the URL is correct and accessible.`,
  );

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** `JWKS_MEDIA_TYPES` in Convex's file, which takes UTF-8 only. */
function isJwksType(type: string | null): boolean {
  const [essence = "", ...parameters] = (type ?? "").split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  return (
    /^application\/(json|jwk-set\+json)$/.test(essence) &&
    (charset === undefined || charset.replaceAll('"', "") === "charset=utf-8")
  );
}

function keysIn(text: string): Jwk[] | null {
  try {
    const set = JSON.parse(text) as unknown;
    const keys = isObject(set) ? set["keys"] : null;
    return Array.isArray(keys) && keys.every(isObject) ? keys : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** By `kty`, the fields that a key needs (`AlgorithmParameters` in `src/jwk.rs` of the `biscuit` crate, which Convex uses). */
const KEY_FIELDS: ReadonlyMap<unknown, readonly string[]> = new Map(
  Object.entries({
    EC: ["crv", "x", "y"],
    RSA: ["n", "e"],
    oct: ["k"],
    OKP: ["crv", "x"],
  }),
);
const CURVES = new Set<unknown>(["P-256", "P-384", "P-521", "Ed25519", "Ed448"]);
/** `Algorithm` in its `src/jwa.rs`. EdDSA is not in it. */
const KEY_ALGORITHM =
  /^(none|(HS|RS|ES|PS)(256|384|512)|RSA1_5|RSA-OAEP(-256)?|A(128|192|256)(GCM)?KW|dir|ECDH-ES(\+A(128|192|256)KW)?|PBES2-(HS256\+A128|HS384\+A192|HS512\+A256)KW|A(128CBC-HS256|192CBC-HS384|256CBC-HS512)|A(128|192|256)GCM)$/;

/** One key that Convex cannot read makes it refuse all of a custom JWT's. */
function isReadable(key: Jwk): boolean {
  const { kty, crv, alg, kid, use } = key;
  const fields = KEY_FIELDS.get(kty);
  return (
    fields?.every((name) => typeof key[name] === "string") === true &&
    (!fields.includes("crv") || CURVES.has(crv)) &&
    (isAbsent(alg) || (typeof alg === "string" && KEY_ALGORITHM.test(alg))) &&
    [kid, use].every((value) => isAbsent(value) || typeof value === "string")
  );
}
