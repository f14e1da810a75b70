/**
 * A context in which functions of one component run, one at a time. Its microtasks are run to their end each time code
 * is evaluated in it, so a function is one synchronous call.
 */
import vm from "node:vm";
import { cutOffNow } from "./cutOff.ts";
import { HostOfIsolate, type IsolateRun } from "./isolateHost.ts";
import type { IsolateHost } from "./isolate/host.ts";
import { takeUnhandledRejections } from "./unhandledRejections.ts";

/** The compiled scripts of a component; contexts share them. */
export type ComponentScripts = {
  runtime: vm.Script;
  modules: vm.Script;
  /** Name of the code in stack traces. */
  codeFile: string;
  /** `process.env`, as JSON. */
  env: string;
};

export function compileScripts(
  runtimeCode: string,
  component: { isolateCode: string; isolateFile: string },
  env: string,
): ComponentScripts {
  return {
    runtime: new vm.Script(`${runtimeCode}\n;convexRuntime;`, { filename: "convex-runtime.js" }),
    modules: new vm.Script(component.isolateCode, { filename: component.isolateFile }),
    codeFile: component.isolateFile,
    env,
  };
}

/** Loading all modules, while they are analysed, may take so many times what cuts a function off: 4 s as on Convex, more on a busy machine. */
const ANALYZE_CUT_OFFS = 2;

type Runtime = {
  install: (host: IsolateHost) => () => void;
  analyze: (only: string | null) => string;
  describeRejection: (reason: unknown) => string;
  promisePrototype: object;
};

/** Calls what the runtime left as a global: evaluating a script is what makes the microtasks run. */
const START = new vm.Script("convexStart()", { filename: "convex-start.js" });

export class FunctionContext {
  private readonly global: vm.Context;
  private readonly host: HostOfIsolate;
  private readonly runtime: Runtime;

  constructor(scripts: ComponentScripts) {
    this.host = new HostOfIsolate(scripts.env, scripts.codeFile);
    this.global = createBareContext();
    this.runtime = scripts.runtime.runInContext(this.global) as Runtime;
    const start = this.runtime.install(this.host);
    Object.assign(this.global, { convexStart: start, convexAnalyze: this.runtime.analyze });
    scripts.modules.runInContext(this.global);
  }

  /** Runs `run.call` as far as it goes. Throws a defect of the backend that it met on the way. */
  start(run: IsolateRun): void {
    const { host } = this;
    host.run = run;
    host.defect = null;
    START.runInContext(this.global);
    const [unhandled] = takeUnhandledRejections(this.runtime.promisePrototype)
      .slice(0, 1)
      .map(this.runtime.describeRejection);
    if (unhandled !== undefined) run.failUnhandled(unhandled);
    host.run = null;
    const { defect } = host as { defect: { error: unknown } | null };
    if (defect !== null) throw defect.error;
  }

  /** Loads all modules, or `only` one, and says what they export: a list of `AnalyzedModule`, as JSON. */
  analyze(only: string | null): string {
    const code = `convexAnalyze(${JSON.stringify(only)})`;
    return vm.runInContext(code, this.global, { timeout: ANALYZE_CUT_OFFS * cutOffNow() }) as string;
  }
}

/** A context whose global is an ordinary object: reads of globals need not go through an interceptor. */
function createBareContext(): vm.Context {
  return vm.createContext(vm.constants.DONT_CONTEXTIFY, {
    name: "Convex function",
    microtaskMode: "afterEvaluate",
    // `--disallow-code-generation-from-strings` in Convex's `crates/isolate/src/client.rs`.
    codeGeneration: { strings: false },
  });
}
