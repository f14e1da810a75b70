/** What the command is asked to do: its flags, checked. */
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs, parseEnv } from "node:util";
import { CommandError } from "./commandError.ts";

const DEFAULT_PORT = 3210;
/** Loopback: other machines are let in only by an explicit `--host`. */
const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_DATA_DIR = ".embedded-convex";
/** Where Convex's CLI looks too, if `convex.json` does not say otherwise. */
const DEFAULT_FUNCTIONS_DIR = "convex";
const HIGHEST_PORT = 65_535;

export const HELP = `Runs a Convex app on this machine, offline.

  embedded-convex [flags]

  --functions <folder>   the app's functions (default: "functions" of convex.json, or ${DEFAULT_FUNCTIONS_DIR})
  --port <number>        where to listen; 0 for any free port (default: ${DEFAULT_PORT})
  --host <address>       0.0.0.0 lets other machines in (default: ${DEFAULT_HOST}, this machine only)
  --data <folder>        where everything is kept, or "memory": nowhere (default: ${DEFAULT_DATA_DIR})
  --mode <local|cloud>   cloud: conflicts, retries and places of a Convex deployment; kill -USR2 prints
                         what has conflicted (default: local)
  --env <file>           environment variables of functions; those of "convex env set" go before them
  --allow-origin <url>   a page of another machine that may connect, or "*"; can be repeated
  --once                 builds the functions, checks what is stored against the schema, and ends
  --help, --version
`;

/** Flags as `parseArgs` takes them. */
const FLAGS = {
  functions: { type: "string" },
  port: { type: "string" },
  host: { type: "string" },
  data: { type: "string" },
  mode: { type: "string" },
  env: { type: "string" },
  "allow-origin": { type: "string", multiple: true },
  once: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

export type ServeOptions = {
  kind: "serve";
  /** Absolute, and there. */
  functionsDir: string;
  host: string;
  /** 0 for any that is free. */
  port: number;
  /** Absolute, or `"memory"`. */
  dataDir: string;
  mode: "local" | "cloud";
  env: Record<string, string>;
  allowedOrigins: string[];
  /** Does it end when the functions are built and fit? */
  once: boolean;
};

export type CommandOptions = { kind: "help" } | { kind: "version" } | ServeOptions;

/** Reads the flags of a command that was given in `directory`. Throws a `CommandError` that says what to write instead. */
export function readOptions(args: readonly string[], directory: string): CommandOptions {
  const values = parseFlags(args);
  if (values.help === true) return { kind: "help" };
  if (values.version === true) return { kind: "version" };
  return {
    kind: "serve",
    functionsDir: findFunctions(directory, values.functions),
    host: values.host ?? DEFAULT_HOST,
    port: readPort(values.port),
    dataDir:
      values.data === "memory" ? values.data : path.resolve(directory, values.data ?? DEFAULT_DATA_DIR),
    mode: readMode(values.mode),
    env: values.env === undefined ? {} : readEnv(path.resolve(directory, values.env)),
    allowedOrigins: (values["allow-origin"] ?? []).map(readOrigin),
    once: values.once ?? false,
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // Node's sentence goes on with advice about `--` that does not help here.
    const [sentence] = (error as Error).message.split(/\.(\s|$)/);
    throw new CommandError(`${sentence ?? ""}. "embedded-convex --help" lists the flags.`);
  }
}

function findFunctions(directory: string, flag: string | undefined): string {
  const named = flag ?? functionsOfProject(directory) ?? DEFAULT_FUNCTIONS_DIR;
  const folder = path.resolve(directory, named);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder;
  throw new CommandError(
    existsSync(folder)
      ? `${folder} is no folder. --functions names the folder that holds the app's functions.`
      : `There is no functions folder at ${folder}. Make it, or name another one: --functions <folder>.`,
  );
}

/** `functions` in `convex.json`. */
function functionsOfProject(directory: string): string | undefined {
  const file = path.join(directory, "convex.json");
  if (!existsSync(file)) return undefined;
  try {
    const { functions } = JSON.parse(readFileSync(file, "utf8")) as { functions?: unknown };
    return typeof functions === "string" ? functions : undefined;
  } catch (error) {
    throw new CommandError(
      `${file} is not JSON (${(error as Error).message}). Mend it, or give --functions.`,
    );
  }
}

function readPort(value: string | undefined): number {
  if (value === undefined) return DEFAULT_PORT;
  const port = /^\d+$/.test(value) ? Number(value) : NaN;
  if (port >= 0 && port <= HIGHEST_PORT) return port;
  throw new CommandError(
    `--port is "${value}". Give a number from 1 to ${HIGHEST_PORT}, or 0 for any free port.`,
  );
}

function readMode(value: string | undefined): "local" | "cloud" {
  if (value === undefined || value === "local") return "local";
  if (value === "cloud") return value;
  throw new CommandError(`--mode is "${value}". Give "local" or "cloud".`);
}

function readOrigin(value: string): string {
  if (value === "*") return value;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.origin;
  throw new CommandError(
    `--allow-origin is "${value}". Give an address like https://app.example.org, or "*".`,
  );
}

function readEnv(file: string): Record<string, string> {
  try {
    return parseEnv(readFileSync(file, "utf8")) as Record<string, string>;
  } catch (error) {
    throw new CommandError(
      `--env ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`,
    );
  }
}
