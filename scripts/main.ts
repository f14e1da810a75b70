/** What runs once everything is built: settings, keys, the embedded backend with this app's functions, and the page. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { DEFAULT_ACTION_PLACES } from "../embedded/actions/actionLimits.ts";
import { startBackend } from "../embedded/backend.ts";
import type { ClientLimitOptions } from "../embedded/clientLimits.ts";
import { followFunctions } from "../embedded/command/followFunctions.ts";
import type { Following } from "../embedded/command/followFunctions.ts";
import { reportConflictsOnSignal } from "../embedded/command/reportConflicts.ts";
import { stopOnSignals } from "../embedded/command/signals.ts";
import { readSignUpDomains } from "../convex/shared/signUpDomains.ts";
import { adoptGuests, endAdoptedSessions } from "./adoption.ts";
import { startDevelopment } from "./development.ts";
import { keySecret } from "./keySecret.ts";
import { endOrphanedRuns } from "./recovery.ts";
import { readSettings } from "./settings.ts";
import type { Settings } from "./settings.ts";
import { needsOwner, newSetupCode } from "./setupCode.ts";
import { signingKeys } from "./signingKeys.ts";
import { StartError } from "./startError.ts";

export type RunOptions = {
  /** The folder that holds `convex/`, `dist/` and `.env.local`. */
  root: string;
  /** Serve the page by Vite and replace functions when they change. */
  isDevelopment: boolean;
};

const MEBIBYTE = 1024 * 1024;
/** Actions beside those that generate: titles, follow-ups, signing in. */
const SHORT_ACTIONS = 32;

const functionsDirOf = (root: string): string => path.join(root, "convex");
const buildDirOf = (root: string): string => path.join(root, "dist/functions");

/** Bundles the functions for `run`. Throws an error that says what is wrong with one. */
export async function buildFunctions(root: string): Promise<void> {
  const { functionEnv } = readSettings(root);
  const { compileDeployment } = await import("../embedded/bundler/buildDeployment.ts");
  await compileDeployment({
    ...{ functionsDir: functionsDirOf(root), outDir: buildDirOf(root), env: functionEnv },
    leaveOutHelpers: true,
  });
}

/** Starts Verbatim and prints its URL. Throws an error that says what to do if it cannot start. */
export async function run({ root, isDevelopment }: RunOptions): Promise<void> {
  const settings = readSettings(root);
  makeDataDir(settings.dataDir);
  const development = isDevelopment ? startDevelopment(root) : null;
  const setupCode = settings.functionEnv["VERBATIM_SETUP_CODE"] ?? newSetupCode();
  const backend = await startBackend({
    ...(isDevelopment && { functionsDir: functionsDirOf(root) }),
    buildDir: buildDirOf(root),
    dataDir: settings.dataDir,
    host: settings.host,
    port: settings.port,
    ...(settings.siteUrl !== null && { publicUrl: settings.siteUrl }),
    allowedOrigins: settings.allowedOrigins,
    allowLocalPages: isDevelopment,
    env: {
      ...signingKeys(settings.dataDir),
      ...keySecret(settings.dataDir),
      ...settings.functionEnv,
      ...(!settings.isLocalOwner && { VERBATIM_SETUP_CODE: setupCode }),
    },
    ...(settings.liveRuns !== null && { actionPlaces: { node: placesFor(settings.liveRuns) } }),
    page: development?.page ?? { directory: path.join(root, "dist/page") },
    beforeServing: async (engine) => {
      await endOrphanedRuns(engine);
      await (settings.isLocalOwner ? adoptGuests(engine) : endAdoptedSessions(engine));
    },
    trustedProxies: settings.trustedProxies,
    limits: clientLimitsOf(settings),
    showErrors: settings.showErrors ?? isDevelopment,
    mode: settings.mode,
    ...(settings.actionPlaces !== null && { cloud: { actionPlaces: settings.actionPlaces } }),
  });
  if (settings.mode === "cloud") reportConflictsOnSignal(backend, console.log);
  let following: Following | null = null;
  if (isDevelopment) following = await followFunctions(backend, functionsDirOf(root), console.log);
  stopOnSignals("Verbatim", async () => {
    await following?.close();
    await development?.close();
    // A database that cannot be written now has its runs ended by the next start.
    if (backend.engine.refusal === null) await endOrphanedRuns(backend.engine);
    await backend.close();
  });
  const code = (await needsOwner(backend.engine))
    ? `\nIts owner's account is made with this code: ${setupCode}`
    : "";
  console.log(`Verbatim is ready at ${backend.url}\n${whoMayComeIn(settings)}${code}`);
}

function clientLimitsOf({ bufferMb, maxFileMb, connectionsPerAddress }: Settings): ClientLimitOptions {
  return {
    ...(bufferMb !== null && { bufferBytes: bufferMb * MEBIBYTE }),
    ...(connectionsPerAddress !== null && { connectionsPerAddress }),
    fileBytes: maxFileMb * MEBIBYTE,
  };
}

/** Never fewer than by default: the app itself keeps to `liveRuns`, and more actions than that may ask for a place. */
function placesFor(liveRuns: number): number {
  return Math.max(DEFAULT_ACTION_PLACES, liveRuns + SHORT_ACTIONS);
}

function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(
      `The data folder ${dataDir} cannot be made (${(error as NodeJS.ErrnoException).code ?? String(error)}). ` +
        "Choose another one with VERBATIM_DATA_DIR.",
    );
  }
}

function waysIn(env: Settings["functionEnv"]): string {
  const domains = readSignUpDomains(env["VERBATIM_SIGN_UP"]);
  if (domains === null) return "People come in by an invitation";
  return `People come in by an invitation, or by their address at ${domains.join(" or ")} if ${env["VERBATIM_OIDC_ISSUER"] ?? "a provider (VERBATIM_OIDC_ISSUER)"} vouches for it`;
}

/** One line, for the person who starts it. */
function whoMayComeIn({ isLocalOwner, areGuestsOn, functionEnv }: Settings): string {
  if (isLocalOwner) return "Only this machine can connect, and every browser on it opens your chats.";
  if (areGuestsOn) return "Whoever can connect comes in as a guest, with chats of their own.";
  switch (functionEnv["VERBATIM_SIGN_UP"]) {
    case "open":
      return "Whoever can connect may make an account.";
    case "closed":
      return "People who have an account sign in; nobody can make a new one.";
    default:
      return `${waysIn(functionEnv)}, and sign in.`;
  }
}
