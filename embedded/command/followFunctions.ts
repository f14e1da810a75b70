/** Puts functions in place of the running ones when their files change. */
import path from "node:path";
import { watch } from "chokidar";
import type { Backend } from "../backend.ts";

/** Editors write several files at once; one rebuild is enough for them. */
const SETTLE_MS = 50;
/** Written by tools, in answer to the functions. */
const GENERATED = `${path.sep}_generated${path.sep}`;

export type Following = { close(): Promise<void> };

/**
 * Rebuilds at every change below `functionsDir`, once it has settled, and calls `say` with a line about it. Rebuilds
 * never overlap. Functions that cannot be built leave the old ones running. Resolves when no further change is missed.
 */
export async function followFunctions(
  backend: Pick<Backend, "rebuild">,
  functionsDir: string,
  say: (line: string) => void,
): Promise<Following> {
  let timer: NodeJS.Timeout | undefined;
  let rebuilt: Promise<void> = Promise.resolve();
  const rebuild = async (): Promise<void> => {
    try {
      await backend.rebuild();
      say("Functions replaced.");
    } catch (error) {
      say(`Functions not replaced, the old ones go on. ${(error as Error).message}`);
    }
  };
  const watcher = watch(functionsDir, {
    ignoreInitial: true,
    ignored: (file) => `${file}${path.sep}`.includes(GENERATED),
  });
  watcher.on("all", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      rebuilt = rebuilt.then(rebuild);
    }, SETTLE_MS);
  });
  await new Promise<void>((resolve) => watcher.once("ready", resolve));
  return {
    close: async () => {
      clearTimeout(timer);
      await watcher.close();
      await rebuilt;
    },
  };
}
