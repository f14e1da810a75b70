/**
 * Bundling with esbuild, with the platforms and conditions that the official CLI uses (`convex/src/bundler`), but into
 * one file a runtime: modules stay separate inside it and are evaluated on demand, so that a broken one is known by name.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as esbuild from "esbuild";
import { BuildError } from "./buildError.ts";
import type { EntryPoint } from "./entryPoints.ts";
import { externalPackages } from "./externalPackages.ts";

/** Code and its source map. */
export type Bundle = { code: string; map: string };

/** esbuild's note on an import that only Node.js has. */
const NODE_BUILTIN_NOTE = "Are you trying to bundle for node?";
const TOP_LEVEL_AWAIT = /top-level await/i;

const SHARED: esbuild.BuildOptions = {
  bundle: true,
  target: "node20",
  jsx: "automatic",
  conditions: ["convex", "module"],
  define: { "process.env.NODE_ENV": '"production"' },
  write: false,
  sourcemap: "external",
  sourcesContent: false,
  treeShaking: true,
  minifySyntax: true,
  // Two classes of one name are told apart by esbuild's numbers; `name` is to be what the source says.
  keepNames: true,
  logLevel: "silent",
};

/** `node:module` gives CommonJS packages inside an ES module the `require` that they expect. */
const REQUIRE_BANNER =
  'import { createRequire as createRequireOfBundle } from "node:module";\n' +
  "const require = createRequireOfBundle(import.meta.url);";

/**
 * Bundles modules of Convex's own runtime. The result is a `ComponentBundle.isolateCode`. `imported` matches at least all that is
 * imported by `import()`; each import that it matches costs time.
 */
export async function bundleIsolate(
  functionsDir: string,
  entryPoints: readonly EntryPoint[],
  imported: RegExp = /.*/,
): Promise<Bundle> {
  const modules = entryPoints.map(({ name, file }) => {
    return `${JSON.stringify(name)}: () => require(${JSON.stringify(importPath(functionsDir, file))})`;
  });
  const build = (contents: string) =>
    esbuild.build({
      ...SHARED,
      stdin: { contents, resolveDir: functionsDir, sourcefile: "convex-modules.js", loader: "js" },
      absWorkingDir: path.dirname(functionsDir),
      // Sources are named from here, so stack traces read `../convex/messages.ts`, as on Convex.
      outfile: "out/isolate.js",
      platform: "browser",
      format: "iife",
      plugins: [serverOnly, asyncHooks, wasmModules, dynamicImports(imported)],
    });
  try {
    return toBundle(await build(`globalThis.convexModules = {\n${modules.join(",\n")}\n};`));
  } catch (error) {
    throw await explainIsolateFailure(error, entryPoints, (file) =>
      build(`require(${JSON.stringify(importPath(functionsDir, file))})`),
    );
  }
}

/** Bundles `"use node"` modules. The result belongs into `ComponentBundle.nodeFile`. */
export async function bundleNode(functionsDir: string, entryPoints: readonly EntryPoint[]): Promise<Bundle> {
  const modules = entryPoints.map(({ name, file }) => {
    return `${JSON.stringify(name)}: () => import(${JSON.stringify(importPath(functionsDir, file))})`;
  });
  try {
    return toBundle(
      await esbuild.build({
        ...SHARED,
        stdin: {
          contents: `export const modules = {\n${modules.join(",\n")}\n};`,
          resolveDir: functionsDir,
          sourcefile: "convex-modules.js",
          loader: "js",
        },
        absWorkingDir: path.dirname(functionsDir),
        outfile: "out/node.mjs",
        platform: "node",
        format: "esm",
        banner: { js: REQUIRE_BANNER },
        plugins: [serverOnly, externalPackages(functionsDir), wasmModules],
      }),
    );
  } catch (error) {
    throw new BuildError(messagesOf(error).join("\n"));
  }
}

/** Bundles one file into a classic script that leaves its namespace in `globalThis[globalName]`. */
export async function bundleScript(
  file: string,
  globalName: string,
  plugins: esbuild.Plugin[] = [],
): Promise<Bundle> {
  const directory = path.dirname(file);
  try {
    return toBundle(
      await esbuild.build({
        ...SHARED,
        entryPoints: [file],
        absWorkingDir: directory,
        outfile: "script.js",
        platform: "browser",
        format: "iife",
        globalName,
        plugins,
      }),
    );
  } catch (error) {
    throw new BuildError(messagesOf(error).join("\n"));
  }
}

/** `import "server-only"` marks server code in other frameworks; here everything is. */
const serverOnly: esbuild.Plugin = {
  name: "server-only",
  setup(build) {
    build.onResolve({ filter: /^server-only$/ }, ({ path }) => ({ path, namespace: "server-only" }));
    build.onLoad({ filter: /.*/, namespace: "server-only" }, () => ({ contents: "", loader: "js" }));
  },
};

/** Convex's runtime has no `async_hooks`, but its two classes as globals. */
const asyncHooks: esbuild.Plugin = {
  name: "async-hooks",
  setup(build) {
    build.onResolve({ filter: /^(node:)?async_hooks$/ }, ({ path }) => ({ path, namespace: "async-hooks" }));
    build.onLoad({ filter: /.*/, namespace: "async-hooks" }, () => ({
      contents:
        "export const { AsyncLocalStorage, AsyncResource } = globalThis;\n" +
        "export default { AsyncLocalStorage, AsyncResource };",
      loader: "js",
    }));
  },
};

/**
 * `import()` asks the context first, which refuses it in queries and mutations (`isolate/unsupported.ts`). What it imports here
 * is a thenable, so that it asks each time; for actions that is then a promise of the module.
 */
const dynamicImports = (imported: RegExp): esbuild.Plugin => ({
  name: "dynamic-import",
  setup(build) {
    build.onResolve({ filter: imported }, ({ path: file, kind, namespace, resolveDir }) =>
      kind === "dynamic-import" && namespace !== "dynamic-import"
        ? { path: `${resolveDir}?${file}`, namespace: "dynamic-import", pluginData: { file, resolveDir } }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "dynamic-import" }, ({ pluginData }) => {
      const { file, resolveDir } = pluginData as { file: string; resolveDir: string };
      return {
        contents: `export function then(resolve, reject) {
          const refusal = globalThis.convexRefuseImport?.();
          if (refusal !== undefined) reject(refusal);
          else import(${JSON.stringify(file)}).then(resolve, reject);
        }`,
        resolveDir,
        loader: "js",
      };
    });
  },
});

/** `import module from "./code.wasm"` is a compiled module, as with the official CLI (`src/bundler/wasm.ts` in convex-js). */
const wasmModules: esbuild.Plugin = {
  name: "wasm",
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, ({ path: file, resolveDir, namespace }) =>
      namespace === "wasm"
        ? { path: file, namespace: "wasm-bytes" }
        : { path: path.resolve(resolveDir, file), namespace: "wasm" },
    );
    build.onLoad({ filter: /.*/, namespace: "wasm" }, ({ path: file }) => ({
      contents: `import bytes from ${JSON.stringify(file)};\nexport default new WebAssembly.Module(bytes);`,
      loader: "js",
    }));
    build.onLoad({ filter: /.*/, namespace: "wasm-bytes" }, async ({ path: file }) => ({
      contents: await readFile(file),
      loader: "binary",
    }));
  },
};

function toBundle(result: esbuild.BuildResult): Bundle {
  const text = (extension: string) =>
    result.outputFiles?.find(({ path }) => path.endsWith(extension))?.text ?? "";
  const map = text(".map");
  return { code: text(".js") || text(".mjs"), map };
}

function importPath(functionsDir: string, file: string): string {
  return `./${path.relative(functionsDir, file).split(path.sep).join("/")}`;
}

/**
 * Says which module of the folder is at fault, which esbuild's own message does not when the fault is in a package.
 * Only a failed build pays for it: its modules are bundled once more, one at a time.
 */
async function explainIsolateFailure(
  error: unknown,
  entryPoints: readonly EntryPoint[],
  buildOne: (file: string) => Promise<unknown>,
): Promise<unknown> {
  const messages = messagesOf(error);
  if (!messages.some((message) => message.includes(USE_NODE_ADVICE)))
    return new BuildError(messages.join("\n"));
  const culprits: string[] = [];
  for (const { name, file } of entryPoints) {
    const failure: unknown = await buildOne(file).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (failure !== null && isBuildFailure(failure) && failure.errors.some(needsNode)) {
      culprits.push(`${name}${path.extname(file)}`);
    }
  }
  return new BuildError(
    `${messages.join("\n")}\n${culprits.join(", ")} ${culprits.length === 1 ? "imports" : "import"} it and ` +
      `${culprits.length === 1 ? "does" : "do"} not begin with "use node".`,
  );
}

const USE_NODE_ADVICE =
  'Move the actions that use Node.js APIs into a file of their own that begins with "use node" and holds only actions, ' +
  "or do not import this from queries, mutations and HTTP actions " +
  "(https://docs.convex.dev/functions/runtimes#nodejs-runtime).";

function messagesOf(error: unknown): string[] {
  if (!isBuildFailure(error)) throw error;
  return error.errors.map((message) => {
    const { location } = message;
    const at = location === null ? "" : `${location.file}:${location.line}:${location.column}: `;
    if (needsNode(message)) {
      const imported = /"([^"]+)"/.exec(message.text)?.[1] ?? "it";
      return `${at}Cannot import "${imported}": it is built into Node.js, which Convex's own runtime is not. ${USE_NODE_ADVICE}`;
    }
    if (TOP_LEVEL_AWAIT.test(message.text)) return `${at}Top-level awaits in source files are unsupported.`;
    return `${at}${message.text}`;
  });
}

function needsNode(message: esbuild.Message): boolean {
  return message.notes.some(({ text }) => text.includes(NODE_BUILTIN_NOTE));
}

function isBuildFailure(error: unknown): error is esbuild.BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<esbuild.BuildFailure>).errors);
}
