/** `console` of user code: each line goes to the run that wrote it. */
import { formatLogMessage } from "../../functions/isolate/inspect.ts";
import type { LogLevel } from "../protocol.ts";
import { currentRun } from "./run.ts";

/** Lines a run may send: one more than the host keeps, so that it can say that some are missing. */
const MAX_LINES = 257;
const METHODS = { DEBUG: "debug", ERROR: "error", INFO: "info", LOG: "log", WARN: "warn" } as const;
/** Timers of code that runs outside any run. */
const strayTimers = new Map<string, number>();

/** `outside` gets what is written outside any run: while modules are loaded, or by the tests around. */
export function createConsole(outside: Console): Console {
  const write = (level: LogLevel, ...args: unknown[]): void => {
    const run = currentRun.getStore();
    if (run === undefined) {
      outside[METHODS[level]](...args);
    } else if (run.logLinesSent < MAX_LINES) {
      run.logLinesSent += 1;
      run.send({ type: "log", runId: run.id, level, text: formatLogMessage(args) });
    }
  };
  const timers = (): Map<string, number> => currentRun.getStore()?.consoleTimers ?? strayTimers;
  const writeTimer = (label: string, rest: readonly unknown[]): boolean => {
    const start = timers().get(label);
    if (start === undefined) write("WARN", `Timer '${label}' does not exist`);
    else write("INFO", `${label}: ${Date.now() - start}ms`, ...rest);
    return start !== undefined;
  };

  const methods: Partial<Console> = {
    debug: write.bind(null, "DEBUG"),
    error: write.bind(null, "ERROR"),
    info: write.bind(null, "INFO"),
    log: write.bind(null, "LOG"),
    warn: write.bind(null, "WARN"),
    trace: (...args: unknown[]) => {
      write("LOG", ...args, new Error("Trace").stack);
    },
    time: (label = "default") => {
      if (timers().has(label)) write("WARN", `Timer '${label}' already exists`);
      else timers().set(label, Date.now());
    },
    timeLog: (label = "default", ...rest: unknown[]) => {
      writeTimer(label, rest);
    },
    timeEnd: (label = "default") => {
      if (writeTimer(label, [])) timers().delete(label);
    },
  };
  return Object.assign(Object.create(outside) as Console, methods);
}
