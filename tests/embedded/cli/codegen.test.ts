/** The official codegen, and the project's own `_generated`. */
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startBackend } from "../../../embedded/backend.ts";
import { silentLog } from "../../../embedded/log.ts";
import { Project } from "./project.ts";

/** Each command is a process of its own, with a start of a second or more. */
const TIMEOUT_MS = 300_000;
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const APP = fileURLToPath(new URL("./fixtures/app", import.meta.url));

function filesIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), "utf8")]),
  );
}

async function generate(app: string): Promise<Project> {
  const backend = await startBackend({ dataDir: "memory", port: 0, graceMs: 0, log: silentLog });
  onTestFinished(() => backend.close());
  const { hash } = backend.deployment;
  const project = Project.copy(backend, app);
  for (const name of ["convex.json", "tsconfig.base.json"])
    cpSync(path.join(ROOT, name), path.join(project.folder, name));
  rmSync(path.join(project.folder, "convex/_generated"), { recursive: true });
  await project.succeed("codegen", "--typecheck", "disable");
  expect(backend.deployment.hash).toBe(hash);
  return project;
}

test(
  "[E19.8] `codegen` writes for this project what is in its `_generated`",
  async () => {
    const { folder } = await generate(path.join(ROOT, "convex"));
    expect(filesIn(path.join(folder, "convex/_generated"))).toEqual(
      filesIn(path.join(ROOT, "convex/_generated")),
    );
  },
  TIMEOUT_MS,
);

test(
  "[E19.8] `codegen` describes the functions of a component to its parent",
  async () => {
    const { folder } = await generate(APP);
    const component = readFileSync(path.join(folder, "convex/ledger/_generated/component.ts"), "utf8");
    expect(component).toBe(readFileSync(path.join(APP, "ledger/_generated/component.ts"), "utf8"));
    const flat = component.replace(/\s+/g, " ");
    expect(flat).toContain(
      'book: FunctionReference< "mutation", "internal", { amount: bigint }, bigint, Name >',
    );
    expect(component).not.toContain("secret");
  },
  TIMEOUT_MS,
);

test("[E19.11] a package that is left out of the bundle and not above the data folder is refused by name", async () => {
  const backend = await startBackend({ dataDir: "memory", port: 0, graceMs: 0, log: silentLog });
  onTestFinished(() => backend.close());
  const response = await fetch(`${backend.url}/api/deploy2/start_push`, {
    method: "POST",
    headers: { authorization: `Convex ${backend.adminKey}` },
    body: JSON.stringify({
      appDefinition: { definition: null, schema: null, changedModules: [], unchangedModuleHashes: [] },
      componentDefinitions: [],
      nodeDependencies: [{ name: "not-installed-anywhere", version: "1.0.0" }],
    }),
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    message: expect.stringContaining("convex.json leaves not-installed-anywhere out of the bundle"),
  });
});
