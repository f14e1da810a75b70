import { basename } from "node:path";
import * as esbuild from "esbuild";
import { HttpError } from "../http/respond.ts";

/** What the module of an inline query imports instead of `_generated/server`. */
const WRAPPERS = "convex:/_system/repl/wrappers.js";
const SOURCE_FILE = "testQuery.js";

/** A script that adds the module to those of a component (`ComponentBundle.isolateCode`), under `name`. */
export async function bundleTestQuery(source: string, name: string): Promise<string> {
  try {
    const { outputFiles } = await esbuild.build({
      stdin: { contents: source, sourcefile: SOURCE_FILE, loader: "js", resolveDir: import.meta.dirname },
      bundle: true,
      write: false,
      platform: "browser",
      format: "iife",
      globalName: "convexTestQuery",
      target: "node20",
      logLevel: "silent",
      plugins: [wrappers],
    });
    // Evaluated when it is called, like any module: what it throws is then its caller's to see.
    const code = outputFiles[0]?.text ?? "";
    return `convexModules[${JSON.stringify(name)}] = () => {\n${code}\nreturn convexTestQuery;\n};`;
  } catch (error) {
    const { errors } = error as Partial<esbuild.BuildFailure>;
    if (errors === undefined) throw error;
    throw new HttpError(
      400,
      "InvalidModules",
      errors.map(({ text }) => `${SOURCE_FILE}: ${text}`).join("\n"),
    );
  }
}

/** Only queries: an inline query has nothing else, and no files and packages. */
const wrappers: esbuild.Plugin = {
  name: "wrappers",
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, importer }) => {
      if (path === WRAPPERS) return { path, namespace: "wrappers" };
      if (basename(importer) !== SOURCE_FILE && importer !== "<stdin>") return undefined;
      return { errors: [{ text: `An inline query can import ${WRAPPERS} only, not "${path}".` }] };
    });
    build.onLoad({ filter: /.*/, namespace: "wrappers" }, () => ({
      contents:
        'export { queryGeneric as query, internalQueryGeneric as internalQuery } from "convex/server";',
      loader: "js",
      resolveDir: import.meta.dirname,
    }));
  },
};
