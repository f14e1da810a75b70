/** Where Verbatim's settings come from and what they mean: the environment first, then `.env.local` and `verbatim.config.json`. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { readProvidersFile } from "./providersFile.ts";
import { readSignUpDomains } from "../convex/shared/signUpDomains.ts";
import { isLoopback } from "../embedded/http/access.ts";
import { StartError } from "./startError.ts";

const DEFAULT_PORT = 3210;
/** Loopback: other machines are let in only by an explicit `HOST`. */
const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_DATA_DIR = ".verbatim";
/** Somewhat more than the largest file that the app takes (`MAX_PDF_BYTES` in convex/shared/limits.ts). */
const DEFAULT_MAX_FILE_MB = 25;

/** Settings that functions may read. Nothing else of this process's environment reaches them. */
const FUNCTION_SETTINGS =
  /^(OPENAI_|VERBATIM_|AUTH_)|^(ANTHROPIC|GOOGLE_GENERATIVE_AI|OPENROUTER|XAI|DEEPSEEK)_API_KEY$|^AZURE_(API_KEY|RESOURCE_NAME|BASE_URL|DEPLOYMENTS)$|^(SITE_URL|JWT_PRIVATE_KEY|JWKS)$/;
/**
 * Settings of functions that are others here than on Convex, where the deployment limits actions itself, scheduled functions share few
 * places, each call costs money, and concurrent mutations conflict: answers generated at once, how many of them the server may start
 * itself (fewer than the scheduler runs actions), how soon their text reaches viewers, and budgets that many share.
 */
export const EMBEDDED_DEFAULTS = {
  VERBATIM_LIVE_RUNS: "200",
  VERBATIM_SERVER_RUNS: "24",
  VERBATIM_FLUSH_MS: "110",
  VERBATIM_EXACT_BUDGETS: "on",
};
/** Convex Auth would log each renewal of a session: a line for every page that is opened, which tells nothing. */
const QUIET_AUTH = { AUTH_LOG_LEVEL: "WARN" };
/** Settings of the process itself, though named like those of functions. */
const PROCESS_SETTINGS = new Set([
  "VERBATIM_DATA_DIR",
  "VERBATIM_ALLOWED_ORIGINS",
  "VERBATIM_MODE",
  "VERBATIM_ACTION_PLACES",
  "VERBATIM_TRUSTED_PROXIES",
  "VERBATIM_BUFFER_MB",
  "VERBATIM_MAX_FILE_MB",
  "VERBATIM_CONNECTIONS_PER_ADDRESS",
  "VERBATIM_SHOW_ERRORS",
  // Said below, by what the others mean.
  "VERBATIM_LOCAL_OWNER",
]);

export type Settings = {
  host: string;
  /** 0 lets the system choose a free port. */
  port: number;
  /** Absolute. */
  dataDir: string;
  /** The origin under which browsers reach this server, where that is not `host` and `port` (behind a proxy). */
  siteUrl: string | null;
  /** Origins of pages that may use this server, `siteUrl` among them; `*` stands for all. */
  allowedOrigins: string[];
  /** `"cloud"`: as on a Convex deployment, with its conflicts, places and pools. */
  mode: "local" | "cloud";
  /** Actions at once in each runtime, in cloud mode; `null` for as many as Convex Cloud has. */
  actionPlaces: number | null;
  /** Addresses of proxies in front, or ranges of them: whom they name in `X-Forwarded-For` is the client. */
  trustedProxies: string[];
  /** MiB of all buffers that clients fill together; `null` for the default. */
  bufferMb: number | null;
  /** MiB of one uploaded file, at most. */
  maxFileMb: number;
  /** Connections at once of one address; `null` for the default. */
  connectionsPerAddress: number | null;
  /** Are clients told what a function has thrown, and where? `null`: in development only. */
  showErrors: boolean | null;
  /** How many answers may be generated at once, or `null`: as many as the app says by default. */
  liveRuns: number | null;
  /** Does this machine know its owner? Where only it can connect, and guests are not asked for. */
  isLocalOwner: boolean;
  /** May whoever connects be a guest? */
  areGuestsOn: boolean;
  /** Environment variables of functions. */
  functionEnv: Record<string, string>;
};

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the settings of the app in `root`. Throws a `StartError` that names a setting that cannot be used. */
export function readSettings(root: string, environment: Variables = process.env): Settings {
  const variables: Variables = { ...readEnvFile(path.join(root, ".env.local")), ...environment };
  const mode = readMode(variables["VERBATIM_MODE"]);
  const functionEnv: Record<string, string> = { ...QUIET_AUTH, ...(mode === "local" && EMBEDDED_DEFAULTS) };
  for (const [name, value] of Object.entries(variables)) {
    // An empty value is how shells and env files say "not set".
    if (value && FUNCTION_SETTINGS.test(name) && !PROCESS_SETTINGS.has(name)) functionEnv[name] = value;
  }
  const dataDir = path.resolve(root, variables["VERBATIM_DATA_DIR"] || DEFAULT_DATA_DIR);
  // As with `.env.local`, the environment goes before a file.
  const file = variables["VERBATIM_PROVIDERS"] ? null : readProvidersFile([root, dataDir], variables);
  for (const [name, value] of Object.entries(file ?? {})) functionEnv[name] ??= value;
  checkUrl("OPENAI_BASE_URL", functionEnv["OPENAI_BASE_URL"]);
  checkUrl("AZURE_BASE_URL", functionEnv["AZURE_BASE_URL"]);
  checkApi(functionEnv["OPENAI_API"]);
  checkUrl("SITE_URL", functionEnv["SITE_URL"]);
  checkSignUp(functionEnv["VERBATIM_SIGN_UP"]);
  checkOidc(functionEnv);
  const host = variables["HOST"] || DEFAULT_HOST;
  const siteUrl = functionEnv["SITE_URL"] ?? null;
  const guests = readSwitch("VERBATIM_GUESTS", functionEnv["VERBATIM_GUESTS"]);
  const isLocalOwner =
    isLoopback(host) && (siteUrl === null || isLoopback(new URL(siteUrl).hostname)) && guests !== true;
  if (isLocalOwner) functionEnv["VERBATIM_LOCAL_OWNER"] = "on";
  return {
    host,
    isLocalOwner,
    areGuestsOn: guests === true,
    port: readPort(variables["PORT"]),
    dataDir,
    siteUrl,
    allowedOrigins: readOrigins(variables["VERBATIM_ALLOWED_ORIGINS"], functionEnv["SITE_URL"]),
    trustedProxies: readList(variables["VERBATIM_TRUSTED_PROXIES"]),
    bufferMb: readCount("VERBATIM_BUFFER_MB", variables["VERBATIM_BUFFER_MB"]),
    maxFileMb: readCount("VERBATIM_MAX_FILE_MB", variables["VERBATIM_MAX_FILE_MB"]) ?? DEFAULT_MAX_FILE_MB,
    connectionsPerAddress: readCount(
      "VERBATIM_CONNECTIONS_PER_ADDRESS",
      variables["VERBATIM_CONNECTIONS_PER_ADDRESS"],
    ),
    showErrors: readSwitch("VERBATIM_SHOW_ERRORS", variables["VERBATIM_SHOW_ERRORS"]),
    liveRuns: readCount("VERBATIM_LIVE_RUNS", functionEnv["VERBATIM_LIVE_RUNS"]),
    mode,
    actionPlaces: readCount("VERBATIM_ACTION_PLACES", variables["VERBATIM_ACTION_PLACES"]),
    functionEnv,
  };
}

/** A list with commas. */
function readList(value = ""): string[] {
  return value.split(",").flatMap((part) => part.trim() || []);
}

function readOrigins(value = "", siteUrl?: string): string[] {
  const origins = readList(value);
  for (const origin of origins) if (origin !== "*") checkUrl("VERBATIM_ALLOWED_ORIGINS", origin);
  return siteUrl === undefined ? origins : [siteUrl, ...origins];
}

function readEnvFile(file: string): Variables {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new StartError(
      `${file} cannot be read (${(error as Error).message}). Make it readable or remove it.`,
    );
  }
}

function readPort(value: string | undefined): number {
  if (!value) return DEFAULT_PORT;
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new StartError(`PORT is "${value}", which is no port. Set it to a number from 1 to 65535.`);
  }
  return port;
}

function readMode(value: string | undefined): "local" | "cloud" {
  if (!value) return "local";
  if (value === "local" || value === "cloud") return value;
  throw new StartError(`VERBATIM_MODE is "${value}". Set it to "local" or "cloud", or remove it.`);
}

function readCount(name: string, value: string | undefined): number | null {
  if (!value) return null;
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) {
    throw new StartError(`${name} is "${value}". Set it to a whole number from 1 on.`);
  }
  return count;
}

function readSwitch(name: string, value: string | undefined): boolean | null {
  if (!value) return null;
  if (value === "on" || value === "off") return value === "on";
  throw new StartError(`${name} is "${value}". Set it to "on" or "off", or remove it.`);
}

function checkApi(value: string | undefined): void {
  if (value === undefined || ["chat", "responses"].includes(value.toLowerCase())) return;
  throw new StartError(`OPENAI_API is "${value}". Set it to "chat" or "responses", or remove it.`);
}

function checkSignUp(value: string | undefined): void {
  if (value === undefined || ["invitation", "open", "closed"].includes(value)) return;
  if (readSignUpDomains(value) !== null) return;
  throw new StartError(
    `VERBATIM_SIGN_UP is "${value}". Set it to "invitation", "open", "closed" or "domains:example.org", or remove it.`,
  );
}

function checkOidc(env: Variables): void {
  const issuer = env["VERBATIM_OIDC_ISSUER"];
  if (issuer === undefined) return;
  checkUrl("VERBATIM_OIDC_ISSUER", issuer);
  const { protocol, hostname } = new URL(issuer);
  if (protocol === "http:" && !isLoopback(hostname)) {
    throw new StartError("VERBATIM_OIDC_ISSUER must be an https address: passwords and secrets go there.");
  }
  if (env["VERBATIM_OIDC_CLIENT_ID"] === undefined) {
    throw new StartError(
      "VERBATIM_OIDC_CLIENT_ID is missing. Set it to the name that the provider gave this server.",
    );
  }
}

function checkUrl(name: string, value: string | undefined): void {
  if (value === undefined) return;
  const protocol = URL.canParse(value) ? new URL(value).protocol : null;
  if (protocol !== "http:" && protocol !== "https:") {
    throw new StartError(
      // It may hold a password.
      `${name} is "${value.replace(/\/\/[^/]*@/, "//")}", which is no web address. Set one like http://127.0.0.1:11434/v1.`,
    );
  }
}
