/** Builds what the fault tests start, once, before any of them: servers that start at the same time must not all build. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { bundleServer } from "../../scripts/build.mjs";
import { root, withoutVitest } from "../helpers/server.ts";

export default async function setup(): Promise<void> {
  // In a process of its own: with the test runner's NODE_ENV, Vite would build the page for development, and
  // `npm start` would go on serving that.
  await promisify(execFile)(process.execPath, [path.join(root, "scripts/build.mjs")], {
    cwd: root,
    env: withoutVitest(process.env),
  });
  await buildTestPrograms();
}

/** The backend without the app, for `backendProcess.ts`. */
export async function buildTestPrograms(): Promise<void> {
  await bundleServer("tests/helpers/backendMain.ts", "dist/test");
}
