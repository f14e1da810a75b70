import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { startBackend } from "../../../embedded/backend.ts";
import type { Backend, BackendOptions } from "../../../embedded/backend.ts";
import { silentLog } from "../../../embedded/log.ts";

/** The functions in `app/`, served. */
export const APP = fileURLToPath(new URL("./app", import.meta.url));

/** A folder that is gone when the test has ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "served-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A backend of its own for one test, in memory unless told otherwise. */
export async function serve(options: Partial<BackendOptions> = {}): Promise<Backend> {
  const backend = await startBackend({
    functionsDir: APP,
    buildDir: path.join(temporaryFolder(), "build"),
    dataDir: "memory",
    port: 0,
    graceMs: 0,
    log: silentLog,
    ...options,
  });
  onTestFinished(() => backend.close());
  return backend;
}
