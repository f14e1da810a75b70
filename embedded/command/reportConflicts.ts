import type { Backend } from "../backend.ts";
import { formatConflicts } from "../engine/cloud/conflictReport.ts";

/** In cloud mode `kill -USR2` has `say` told which functions have conflicted on what. */
export function reportConflictsOnSignal(backend: Backend, say: (text: string) => void): void {
  process.on("SIGUSR2", () => {
    const report = backend.conflicts();
    if (report !== null) say(formatConflicts(report));
  });
}
