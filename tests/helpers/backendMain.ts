/**
 * A process that runs the embedded backend with any functions folder, for tests and benchmarks that need it apart from
 * themselves (`backendProcess.ts`).
 */
import { startBackend } from "../../embedded/backend.ts";
import { createLog } from "../../embedded/log.ts";
import type { FromBackend, ToBackend } from "./backendProcess.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as Parameters<typeof startBackend>[0];
const tell = (message: FromBackend): void => {
  process.send?.(message);
};

const backend = await startBackend({ ...options, log: createLog("warn") });
process.on("message", (message: ToBackend) => {
  void answer(message);
});
// Without whoever started it there is no use for it.
process.on("disconnect", () => process.exit(0));
tell({ type: "ready", url: backend.url });

async function answer(message: ToBackend): Promise<void> {
  switch (message.type) {
    case "close":
      await backend.close();
      process.exit(0);
      break;
    case "metrics":
      tell({
        type: "metrics",
        metrics: backend.metrics(),
        residentBytes: process.memoryUsage.rss(),
        cpuMicros: process.cpuUsage().user + process.cpuUsage().system,
      });
      break;
    default:
      message satisfies never;
  }
}
