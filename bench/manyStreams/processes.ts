import { EMBEDDED_DEFAULTS } from "../../scripts/settings.ts";
import type { BackendProcess } from "../../tests/helpers/backendProcess.ts";
import { appEnvironment } from "../lib/appEnvironment.ts";
import { withBackend } from "../lib/backend.ts";
import { startChild } from "../lib/childProcess.ts";
import type { Child } from "../lib/childProcess.ts";
import type { ProviderRequests } from "./provider.ts";
import type { ViewerRequests } from "./viewers.ts";

export type Processes = {
  backend: BackendProcess;
  provider: Child<ProviderRequests>;
  viewers: Child<ViewerRequests>;
};

/**
 * Runs `work` with the app on a backend with the embedded defaults and `env`, its model's provider, and its viewers, each in a
 * process of its own.
 */
export async function withProcesses<T>(
  env: Record<string, string>,
  work: (processes: Processes) => Promise<T>,
): Promise<T> {
  const provider = startChild<ProviderRequests>("manyStreams/provider.ts");
  const viewers = startChild<ViewerRequests>("manyStreams/viewers.ts");
  try {
    const appEnv = { ...appEnvironment(await provider.ask("url")), ...EMBEDDED_DEFAULTS, ...env };
    return await withBackend("convex", appEnv, async (backend) => {
      const result = await work({ backend, provider, viewers });
      await viewers.ask("signOut");
      return result;
    });
  } finally {
    await Promise.all([provider.close(), viewers.close()]);
  }
}
