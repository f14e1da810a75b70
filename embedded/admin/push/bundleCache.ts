import type { Bundle } from "../../bundler/bundleModules.ts";
import type { BundleOf, FoundIn } from "../../bundler/buildDeployment.ts";
import type { AnalyzedModule } from "../../functions/isolate/analyze.ts";
import type { Runtime } from "../../functions/types.ts";
import { hashesOf } from "./moduleHash.ts";
import type { ExternalPackage, PushedModule } from "./request.ts";

/** What one bundle is made of. */
export type BundleSource = {
  /** Relative: the bundle's source map names it. */
  folder: string;
  runtime: Runtime;
  modules: readonly PushedModule[];
  /** Not in the bundle, but what is found in it depends on their versions. */
  externalPackages: readonly ExternalPackage[];
};

/** What was found in a bundle, and with which variables. */
type Found = { env: string; modules: AnalyzedModule[] };

/**
 * The bundles of the last push that compiled, and what was found in them: the next one makes only those anew whose modules have
 * changed, and evaluates no others. The CLI bundles the modules of each runtime apart, so none imports one of the other.
 */
export class BundleCache {
  private bundles = new Map<string, Bundle>();
  private readonly found = new WeakMap<Bundle, Found>();

  /** For one push. `keep` is called once it has compiled: what it did not use is forgotten. */
  begin(sourceOf: (directory: string, runtime: Runtime) => BundleSource): {
    bundleOf: BundleOf;
    foundIn: FoundIn;
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
      foundIn: async (bundle, env, evaluate) => {
        const known = this.found.get(bundle);
        const variables = JSON.stringify(env);
        if (known?.env === variables) return known.modules;
        const modules = await evaluate();
        this.found.set(bundle, { env: variables, modules });
        return modules;
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
