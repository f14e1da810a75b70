/** The command: a functions folder in, a Convex backend out. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startBackend } from "../backend.ts";
import type { Backend } from "../backend.ts";
import { ListenError } from "../http/listen.ts";
import { createLog } from "../log.ts";
import { CommandError } from "./commandError.ts";
import { followFunctions } from "./followFunctions.ts";
import { generate, isGenerated, keepGenerated, nameGenerated } from "./generate.ts";
import { HELP, readOptions } from "./options.ts";
import type { ServeOptions } from "./options.ts";
import { reportConflictsOnSignal } from "./reportConflicts.ts";
import { stopOnSignals } from "./signals.ts";

const NAME = "embedded-convex";
/** In the data folder, beside the database. */
const BUILD_FOLDER = "build";

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * Does what the command line asks for; a server runs on after it has returned. Throws an error whose message says what to do if
 * it cannot: `CommandError`, `BuildError`, `StorageError`, `ListenError`.
 */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args, process.cwd());
  switch (options.kind) {
    case "help":
      process.stdout.write(HELP);
      return;
    case "version":
      say(version());
      return;
    case "serve":
      await serve(options);
      return;
    default:
      options satisfies never;
  }
}

async function serve(options: ServeOptions): Promise<void> {
  const { functionsDir, env, once } = options;
  if (!isGenerated(functionsDir)) {
    await generate(functionsDir, env);
    say(`Wrote ${nameGenerated(functionsDir)}.`);
  }
  const backend = await start(options);
  if (once) {
    await backend.close();
    say("The functions are built, and fit what is stored.");
    // esbuild's service would keep this process alive.
    process.exit(0);
  }
  const following = await followFunctions(backend, functionsDir, say, keepGenerated(functionsDir, env, say));
  if (options.mode === "cloud") reportConflictsOnSignal(backend, say);
  stopOnSignals(NAME, async () => {
    await following.close();
    await backend.close();
  });
  say(welcome(backend));
}

async function start({
  functionsDir,
  dataDir,
  host,
  port,
  mode,
  env,
  allowedOrigins,
  once,
}: ServeOptions): Promise<Backend> {
  if (dataDir !== "memory") hideFromGit(dataDir);
  try {
    return await startBackend({
      functionsDir,
      ...(dataDir !== "memory" && { buildDir: path.join(dataDir, BUILD_FOLDER) }),
      dataDir,
      host,
      // What only looks at the functions is in nobody's way.
      port: once ? 0 : port,
      mode,
      env,
      allowedOrigins,
      // An app's page has a development server of its own.
      allowLocalPages: true,
      log: createLog(),
    });
  } catch (error) {
    throw error instanceof ListenError ? inFlags(error, host, port) : error;
  }
}

/** A data folder in a project is not for its repository: it holds the admin key. */
function hideFromGit(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(path.join(dataDir, ".gitignore"), "*\n");
  } catch {
    // That the folder cannot be written is told by the backend.
  }
}

/** The reason why it cannot listen, with this command's flags for advice. */
function inFlags(error: ListenError, host: string, port: number): Error {
  switch ((error.cause as NodeJS.ErrnoException | undefined)?.code) {
    case "EADDRINUSE":
      return new CommandError(
        `Port ${port} on ${host} is in use. Stop the program that uses it, or choose another: --port ${port + 1}.`,
      );
    case "EACCES":
      return new CommandError(
        `Port ${port} may not be opened by this user. Choose one above 1023: --port 3210.`,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new CommandError(
        `--host is "${host}", which is no address of this machine. Give 127.0.0.1 for this machine only, or 0.0.0.0.`,
      );
    default:
      return error;
  }
}

function welcome({ url, adminKey }: Backend): string {
  return `${NAME} is ready at ${url}

In .env.local, for the page (Vite's name; other frameworks have theirs) and for the convex CLI:
VITE_CONVEX_URL=${url}
CONVEX_SELF_HOSTED_URL=${url}
CONVEX_SELF_HOSTED_ADMIN_KEY=${adminKey}

Functions are replaced when their files change. Ctrl-C ends it.`;
}

/** Seen from `dist/`. */
function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
