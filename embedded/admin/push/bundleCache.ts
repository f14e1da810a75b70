import type { Bundle } from "../../bundler/bundleModules.ts";
import type { BundleOf } from "../../bundler/buildDeployment.ts";
import type { Runtime } from "../../functions/types.ts";
import { hashesOf } from "./moduleHash.ts";
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
    keep: () => void;
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

function keyOf({ folder, runtime, modules, externalPackages }: BundleSource): string {
  return JSON.stringify([folder, runtime, externalPackages, hashesOf(modules)]);
}
