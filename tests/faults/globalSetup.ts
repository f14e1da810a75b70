/** Builds what the fault tests start, once, before any of them: servers that start at the same time must not all build. */
import { buildStale, bundleServer } from "../../scripts/build.mjs";

export default async function setup(): Promise<void> {
  await buildStale({ page: true });
  await buildTestPrograms();
}

/** The backend without the app, for `backendProcess.ts`. */
export async function buildTestPrograms(): Promise<void> {
  await bundleServer("tests/helpers/backendMain.ts", "dist/test");
}
