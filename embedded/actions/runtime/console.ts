/** `console` of user code: each line goes to the run that wrote it. */
import { inspect } from "node:util";
import { currentRun, type Run } from "./run.ts";

/** Lines a run may write; Convex's limit. */
const MAX_LINES = 256;
/** Characters of one line; Convex's limit (`MAX_LOG_LINE_LENGTH`). */
const MAX_LINE_LENGTH = 32768;

type Level = "DEBUG" | "ERROR" | "INFO" | "LOG" | "WARN";

/** `outside` gets what is written outside any run: when modules are loaded, or by the program around in tests. */
export function createConsole(outside: Console): Console {
  const write = (level: Level, args: readonly unknown[]): void => {
    const run = currentRun.getStore();
    if (run) writeLine(run, level, args);
    else outside[METHODS[level]](...args);
  };
  const timers = (): Map<string, number> => currentRun.getStore()?.consoleTimers ?? OUTSIDE_TIMERS;
  const logTimer = (label: string, rest: readonly unknown[]): boolean => {
    const start = timers().get(label);
    if (start === undefined) write("WARN", [`Timer '${label}' does not exist`]);
    else write("INFO", [`${label}: ${Date.now() - start}ms`, ...rest]);
    return start !== undefined;
  };

  const methods: Partial<Console> = {
    debug: (...args: unknown[]) => {
      write("DEBUG", args);
    },
    error: (...args: unknown[]) => {
      write("ERROR", args);
    },
    info: (...args: unknown[]) => {
      write("INFO", args);
    },
    log: (...args: unknown[]) => {
      write("LOG", args);
    },
    warn: (...args: unknown[]) => {
      write("WARN", args);
    },
    trace: (...args: unknown[]) => {
      write("LOG", [...args, new Error("Trace").stack]);
    },
    time: (label = "default") => {
      if (timers().has(label)) write("WARN", [`Timer '${label}' already exists`]);
      else timers().set(label, Date.now());
    },
    timeLog: (label = "default", ...rest: unknown[]) => {
      logTimer(label, rest);
    },
    timeEnd: (label = "default") => {
      if (logTimer(label, [])) timers().delete(label);
    },
  };
  return Object.assign(Object.create(outside) as Console, methods);
}

const METHODS = { DEBUG: "debug", ERROR: "error", INFO: "info", LOG: "log", WARN: "warn" } as const;
const OUTSIDE_TIMERS = new Map<string, number>();

function writeLine(run: Run, level: Level, args: readonly unknown[]): void {
  if (run.logLinesSent > MAX_LINES) return;
  const isOverflow = run.logLinesSent === MAX_LINES;
  run.logLinesSent += 1;
  const line = isOverflow
    ? `[ERROR] Log overflow (maximum ${MAX_LINES}). Remaining log lines omitted.`
    : `[${level}] ${args.map(format).join(" ")}`;
  run.send({ type: "log", runId: run.id, line: truncate(line) });
}

/** Strings in quotes, as Convex shows them. */
function format(value: unknown): string {
  return inspect(value, { maxStringLength: MAX_LINE_LENGTH });
}

function truncate(line: string): string {
  const mark = " (truncated due to length)";
  return line.length <= MAX_LINE_LENGTH ? line : line.slice(0, MAX_LINE_LENGTH - mark.length) + mark;
}
