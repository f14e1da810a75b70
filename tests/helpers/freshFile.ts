/**
 * Runs before each test file of the projects whose files share a worker: what is loaded once stays loaded, but a file
 * finds no state of the one before it.
 */
import { vi } from "vitest";

vi.useRealTimers();
vi.unstubAllEnvs();
vi.unstubAllGlobals();
// Modules of ours that hold state; packages stay loaded.
vi.resetModules();
if (typeof document !== "undefined") {
  document.body.replaceChildren();
  localStorage.clear();
  sessionStorage.clear();
}
