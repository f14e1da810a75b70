/** Functions that import from elsewhere in their project. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startBackend } from "../../../embedded/backend.ts";
import { followFunctions } from "../../../embedded/command/followFunctions.ts";
import { silentLog } from "../../../embedded/log.ts";
import { ROOT, temporaryFolder } from "./installed.ts";

const shared = (greeting: string): string => `export const greeting = ${JSON.stringify(greeting)};\n`;

/** A project whose function answers with what `../shared/greeting.ts` says. */
function makeProject(): { functionsDir: string; say: (greeting: string) => void } {
  const { folder, dispose } = temporaryFolder();
  onTestFinished(dispose);
  const functionsDir = path.join(folder, "convex");
  mkdirSync(functionsDir);
  mkdirSync(path.join(folder, "shared"));
  mkdirSync(path.join(folder, "node_modules"));
  symlinkSync(path.join(ROOT, "node_modules/convex"), path.join(folder, "node_modules/convex"));
  writeFileSync(
    path.join(functionsDir, "greetings.ts"),
    `import { queryGeneric } from "convex/server";
import { greeting } from "../shared/greeting";
export const greet = queryGeneric({ args: {}, handler: () => greeting });
`,
  );
  const say = (greeting: string): void =>
    writeFileSync(path.join(folder, "shared/greeting.ts"), shared(greeting));
  say("hello");
  return { functionsDir, say };
}

/** As another process would: this one keeps what it has loaded. */
async function openAnew(functionsDir: string): Promise<string> {
  vi.resetModules();
  const { testDeployment } = await import("../../../embedded/testing/testDeployment.ts");
  return (await testDeployment(functionsDir, {})).components.get("")!.isolateCode;
}

test("[E22.5] a kept build is not taken when something that it imports from outside has changed", async () => {
  const { functionsDir, say } = makeProject();
  expect(await openAnew(functionsDir)).toContain('"hello"');
  say("goodbye");
  expect(await openAnew(functionsDir)).toContain('"goodbye"');
  say("hello");
  expect(await openAnew(functionsDir)).toContain('"hello"');
});

test("[E22.4] functions are replaced when something that they import from outside changes", async () => {
  const { functionsDir, say } = makeProject();
  const backend = await startBackend({
    functionsDir,
    dataDir: "memory",
    port: 0,
    graceMs: 0,
    log: silentLog,
  });
  onTestFinished(() => backend.close());
  const lines: string[] = [];
  const following = await followFunctions(backend, functionsDir, (line) => lines.push(line));
  onTestFinished(() => following.close());
  say("goodbye");
  await expect.poll(() => lines).toEqual(["Functions replaced."]);
  expect(backend.deployment.components.get("")!.isolateCode).toContain("goodbye");
});
