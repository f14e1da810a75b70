/**
 * Loaded before each test file of the projects whose files share a worker: packages that one file has loaded stay loaded,
 * but the next one finds none of its state.
 */
import { afterAll, inject, vi } from "vitest";

/** The environment as the worker's first file found it. */
const holder = globalThis as { firstEnvironment?: NodeJS.ProcessEnv };
holder.firstEnvironment ??= { ...process.env };
for (const name of Object.keys(process.env)) {
  if (!(name in holder.firstEnvironment)) Reflect.deleteProperty(process.env, name);
}
Object.assign(process.env, holder.firstEnvironment);

// The page's modules hold state. Functions hold none, since Convex forgets it, and the backend's modules are made for
// several backends in one process.
if ((inject("engine") as string | undefined) === undefined) vi.resetModules();

// Registered first, so it runs after the file's own.
afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  if (typeof document === "undefined") return;
  document.body.replaceChildren();
  localStorage.clear();
  sessionStorage.clear();
});
