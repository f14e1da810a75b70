/** A backend in a process of its own, with a fresh data folder, for one benchmark. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ConvexClient } from "convex/browser";
import WebSocket from "ws";
import { startBackendProcess } from "../../tests/helpers/backendProcess.ts";
import type { BackendProcess } from "../../tests/helpers/backendProcess.ts";
import { temporaryFolder } from "../../tests/helpers/server.ts";

/** Runs `work` with a backend that has the functions of `functions` (a path from the project's root). */
export async function withBackend<T>(
  functions: string,
  env: Record<string, string>,
  work: (backend: BackendProcess) => Promise<T>,
): Promise<T> {
  const { folder, remove } = await temporaryFolder();
  const buildDir = path.join(folder, "functions");
  await mkdir(buildDir);
  const functionsDir = fileURLToPath(new URL(`../../${functions}`, import.meta.url));
  const backend = await startBackendProcess({
    functionsDir,
    buildDir,
    dataDir: path.join(folder, "data"),
    port: 0,
    env,
  });
  try {
    return await work(backend);
  } finally {
    await backend.close();
    await remove();
  }
}

/** An official client of a peer, without an identity. */
export function openClient(
  url: string,
  webSocketConstructor = WebSocket as unknown as typeof globalThis.WebSocket,
): ConvexClient {
  return new ConvexClient(url, { webSocketConstructor, unsavedChangesWarning: false, logger: false });
}
