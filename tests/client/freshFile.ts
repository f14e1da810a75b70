/**
 * Loaded before each test file. Files share a worker: the packages that one has loaded stay loaded, but the next one
 * finds none of its state.
 */
import { afterAll, vi } from "vitest";

// The page's own modules hold state.
vi.resetModules();

// Registered first, so it runs after the file's own.
afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  document.body.replaceChildren();
  localStorage.clear();
  sessionStorage.clear();
});
