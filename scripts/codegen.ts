/** Writes `convex/_generated`, offline. With `--check` it fails if that has changed something. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "../embedded/command/generate.ts";
import { readSettings } from "./settings.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const functionsDir = path.join(root, "convex");
const generated = path.join(functionsDir, "_generated");

const read = (): Map<string, string> =>
  new Map(
    (existsSync(generated) ? readdirSync(generated) : []).map((name) => [
      name,
      readFileSync(path.join(generated, name), "utf8"),
    ]),
  );

const before = read();
await generate(functionsDir, readSettings(root).functionEnv);
if (process.argv.includes("--check")) {
  const after = read();
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(name) === after.get(name)) continue;
    console.error(`convex/_generated/${name} was out of date, and is now what it should be.`);
    process.exitCode = 1;
  }
}
process.exit();
