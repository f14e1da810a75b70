import { createHash } from "node:crypto";
import type { Bundle } from "../../bundler/bundleModules.ts";
import type { BundleOf } from "../../bundler/buildDeployment.ts";
import type { Runtime } from "../../functions/types.ts";
import type { PushedModule } from "./request.ts";

/** What one bundle is made of. */
export type BundleSource = {
  /** Relative: the bundle's source map names it. */
  folder: string;
  runtime: Runtime;
  modules: readonly PushedModule[];
  externalPackages: readonly string[];
};

/**
 * The bundles of the last push that compiled: the next one makes only those anew whose modules have changed. The CLI bundles the
 * modules of each runtime apart, so none imports one of the other.
 */
export class BundleCache {
  private bundles = new Map<string, Bundle>();

  /** For one push. `keep` is called once it has compiled: what it did not use is forgotten. */
  begin(sourceOf: (directory: string, runtime: Runtime) => BundleSource): {
    bundleOf: BundleOf;
    keep(): void;
  } {
    const used = new Map<string, Bundle>();
    return {
      bundleOf: async (directory, runtime, make) => {
        const key = keyOf(sourceOf(directory, runtime));
        const bundle = this.bundles.get(key) ?? (await make());
        used.set(key, bundle);
        return bundle;
      },
      keep: () => {
        this.bundles = used;
      },
    };
  }
}

/** Modules come in any order: those that have changed are sent first. */
function keyOf({ folder, runtime, modules, externalPackages }: BundleSource): string {
  const sorted = [...modules].sort((a, b) => (a.path < b.path ? -1 : 1));
  const hash = createHash("sha256").update(JSON.stringify([folder, runtime, externalPackages]));
  for (const { path, source, sourceMap } of sorted) {
    const lengths = [path, source, sourceMap ?? ""].map(({ length }) => length);
    hash
      .update(JSON.stringify(lengths))
      .update(path)
      .update(source)
      .update(sourceMap ?? "");
  }
  return hash.digest("hex");
}
