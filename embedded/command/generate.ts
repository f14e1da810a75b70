/**
 * `_generated`, written by the official CLI of the app's own `convex` package, so that it is what it would be with a Convex.
 * The CLI asks a deployment to analyse the functions: an empty one that lives as long as the question.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { startBackend } from "../backend.ts";
import { silentLog } from "../log.ts";
import { CommandError } from "./commandError.ts";

const GENERATED = "_generated";
const COMPONENT_FILE = "convex.config.ts";

/** What the official CLI would rather use than the deployment that it is given. */
const OTHER_DEPLOYMENTS = ["CONVEX_DEPLOYMENT", "CONVEX_DEPLOY_KEY"];

/** Has the folder, and each component in it, the `_generated` from which their modules import? */
export function isGenerated(functionsDir: string): boolean {
  const components = filesIn(functionsDir)
    .filter((file) => path.basename(file) === COMPONENT_FILE)
    .map((file) => path.join(functionsDir, path.dirname(file)));
  return [functionsDir, ...components].every((folder) => existsSync(path.join(folder, GENERATED)));
}

/** To be called after functions were replaced: has `_generated` written anew, and `say` told, if files have come or gone. */
export function keepGenerated(
  functionsDir: string,
  env: Record<string, string>,
  say: (line: string) => void,
): () => Promise<void> {
  let known = filesIn(functionsDir).join("\n");
  return async () => {
    const files = filesIn(functionsDir).join("\n");
    if (files === known) return;
    await generate(functionsDir, env);
    known = files;
    say(`Wrote ${nameGenerated(functionsDir)}.`);
  };
}

/** For messages, as seen from where the command was given. */
export function nameGenerated(functionsDir: string): string {
  return path.relative(process.cwd(), path.join(functionsDir, GENERATED));
}

function filesIn(functionsDir: string): string[] {
  return readdirSync(functionsDir, { recursive: true, encoding: "utf8" })
    .filter((file) => !file.split(path.sep).includes(GENERATED))
    .sort();
}

/**
 * Writes `_generated` of a functions folder. Its project is the nearest folder above with a `package.json`. `env`: the
 * functions' variables. Throws a `CommandError` with what the CLI printed if it failed.
 */
export async function generate(functionsDir: string, env: Record<string, string> = {}): Promise<void> {
  const project = projectOf(functionsDir);
  const cli = findCli(functionsDir);
  const backend = await startBackend({ dataDir: "memory", port: 0, env, graceMs: 0, log: silentLog });
  try {
    const child = spawn(process.execPath, [cli, "codegen", "--typecheck", "disable"], {
      cwd: project,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        ...Object.fromEntries(OTHER_DEPLOYMENTS.map((name) => [name, ""])),
        CONVEX_SELF_HOSTED_URL: backend.url,
        CONVEX_SELF_HOSTED_ADMIN_KEY: backend.adminKey,
        // It asks nothing then.
        CI: "1",
      },
    });
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new CommandError(`_generated could not be written:\n${printed.trim()}`);
  } finally {
    await backend.close();
  }
}

function findCli(functionsDir: string): string {
  try {
    const manifest = createRequire(path.join(functionsDir, "module.js")).resolve("convex/package.json");
    return path.join(path.dirname(manifest), "bin/main.js");
  } catch {
    throw new CommandError(
      `The package "convex" is not installed above ${functionsDir}. Run: npm install convex`,
    );
  }
}

function projectOf(directory: string): string {
  const parent = path.dirname(directory);
  return parent === directory || existsSync(path.join(parent, "package.json")) ? parent : projectOf(parent);
}
