/** Puts functions in place of the running ones when their files change. */
import path from "node:path";
import { watch } from "chokidar";
import type { Backend } from "../backend.ts";
import type { Deployment } from "../functions/types.ts";
import { readOutsideSources } from "../bundler/outsideSources.ts";

/** Editors write several files at once; one rebuild is enough for them. */
const SETTLE_MS = 50;
/** Written by tools, in answer to the functions. */
const GENERATED = `${path.sep}_generated${path.sep}`;

export type Following = { close(): Promise<void> };

/**
 * Rebuilds at every change below `functionsDir`, and of what the functions import from elsewhere in their project, and calls `say` with a line about it. Rebuilds
 * never overlap. Functions that cannot be built leave the old ones running. `afterReplaced` is called when others run; its error is
 * a line too. Resolves when no further change is missed.
 */
export async function followFunctions(
  backend: Pick<Backend, "deployment" | "rebuild">,
  functionsDir: string,
  say: (line: string) => void,
  afterReplaced: () => Promise<void> = async () => {},
): Promise<Following> {
  let timer: NodeJS.Timeout | undefined;
  let rebuilt: Promise<void> = Promise.resolve();
  const outside = (): string[] => readOutsideSources(buildDirOf(backend.deployment));
  const rebuild = async (): Promise<void> => {
    try {
      await backend.rebuild();
      watcher.add(outside());
      say("Functions replaced.");
    } catch (error) {
      say(`Functions not replaced, the old ones go on. ${(error as Error).message}`);
      return;
    }
    await afterReplaced().catch((error: unknown) => say((error as Error).message));
  };
  const watcher = watch([functionsDir, ...outside()], {
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

const buildDirOf = ({ components }: Deployment): string =>
  path.dirname(components.get("")?.isolateFile ?? "");
