/** Packages that a push leaves out of its bundle: what Node.js finds of them is part of what is in use. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { expect, test } from "vitest";
import type { Backend } from "../../../embedded/backend.ts";
import { serve, temporaryFolder } from "../served/backend.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const ACTION =
  `import { actionGeneric } from "convex/server";\nimport { version } from "left-out";\nimport "other";\n` +
  `export const installed = actionGeneric({ args: {}, handler: () => version });\n`;

/** A backend beside a `node_modules` folder, and what installs a package there. */
async function start() {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, "node_modules"));
  symlinkSync(path.join(ROOT, "node_modules/convex"), path.join(folder, "node_modules/convex"));
  const install = (name: string, version: string): void => {
    const directory = path.join(folder, "node_modules", name);
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, "package.json"), JSON.stringify({ name, version, main: "main.js" }));
    writeFileSync(path.join(directory, "main.js"), `exports.version = ${JSON.stringify(version)};`);
  };
  return { backend: await serve({ dataDir: path.join(folder, "data") }), install };
}

/** As the CLI does. */
async function push(
  { url, adminKey }: Backend,
  nodeDependencies: readonly { name: string; version: string }[],
): Promise<void> {
  const ask = async (step: string, body: object): Promise<unknown> => {
    const response = await fetch(`${url}/api/deploy2/${step}`, {
      method: "POST",
      headers: { authorization: `Convex ${adminKey}` },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    expect(response.status, JSON.stringify(answer)).toBe(200);
    return answer;
  };
  const changedModules = [{ path: "n.js", source: ACTION, environment: "node" }];
  const startPush = await ask("start_push", {
    appDefinition: { definition: null, schema: null, changedModules, unchangedModuleHashes: [] },
    componentDefinitions: [],
    nodeDependencies,
  });
  await ask("finish_push", { startPush });
}

const installed = ({ url }: Backend): Promise<unknown> =>
  new ConvexHttpClient(url).action(makeFunctionReference<"action">("n:installed"), {});

test("[E19.11] [E19.12] another version of a package takes the place of the one in use; another order changes nothing", async () => {
  const { backend, install } = await start();
  const other = { name: "other", version: "1.0.0" };
  install("other", "1.0.0");
  install("left-out", "1.0.0");
  await push(backend, [{ name: "left-out", version: "1.0.0" }, other]);
  expect(await installed(backend)).toBe("1.0.0");

  const { deployment } = backend;
  await push(backend, [other, { name: "left-out", version: "1.0.0" }]);
  expect(backend.deployment).toBe(deployment);

  install("left-out", "1.0.1");
  await push(backend, [{ name: "left-out", version: "1.0.1" }, other]);
  expect(await installed(backend)).toBe("1.0.1");
});
