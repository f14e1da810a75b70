// @ts-check
/** Builds what the package holds into `dist/`: the two entries and the command, and their types. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { bundleBackend, sources } from "./bundle.mjs";

/** @param {string} file */
const inSources = (file) => path.join(sources, file);

await bundleBackend(
  {
    index: inSources("index.ts"),
    testing: inSources("testing.ts"),
    command: inSources("command/main.ts"),
  },
  inSources("dist"),
);
const typescript = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [typescript, "-p", inSources("packaging/tsconfig.json")], {
  stdio: "inherit",
});
// esbuild's service would keep this process alive.
process.exit(status ?? 1);
