import { createHash } from "node:crypto";
import type { PushedModule } from "./request.ts";

/** Most modules of a push are those of the one before, and an app's are megabytes. */
const known = new WeakMap<PushedModule, string>();

/** The digest of a module's source and source map, as the CLI computes it (`cli/lib/components.ts`). */
export function hashOf(module: PushedModule): string {
  const found = known.get(module);
  if (found !== undefined) return found;
  const hash = createHash("sha256")
    .update(module.source)
    .update(module.sourceMap ?? "")
    .digest("hex");
  known.set(module, hash);
  return hash;
}

/** What tells modules from others, in whichever order they come: those that have changed are sent first. */
export const hashesOf = (modules: readonly PushedModule[]): JsonHash[] =>
  modules
    .map((module): JsonHash => [module.path, module.environment, module.source.length, hashOf(module)])
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** Path, runtime, length of the source and digest. */
type JsonHash = [string, string, number, string];
