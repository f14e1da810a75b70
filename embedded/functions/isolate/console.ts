/** `console`, whose lines become the function's log lines. */
import type { IsolateHost, LogLevel } from "./host.ts";
import { formatLogMessage } from "./inspect.ts";

export function installConsole(global: Record<string, unknown>, host: IsolateHost): void {
  const at =
    (level: LogLevel) =>
    (...args: unknown[]): void =>
      host.log(level, formatLogMessage(args));
  // As the standard has it: an object between the console and Object.prototype.
  const methods: Record<string, (...args: unknown[]) => void> = Object.create({}) as Record<string, never>;
  Object.assign(methods, {
    debug: at("DEBUG"),
    error: at("ERROR"),
    info: at("INFO"),
    log: at("LOG"),
    warn: at("WARN"),
    trace: (...args: unknown[]) => {
      const { stack = "" } = new Error();
      host.log("LOG", [formatLogMessage(args), stack.slice(stack.indexOf("\n") + 1)].join("\n"));
    },
    // Time stands still, so there is nothing to start.
    time: () => undefined,
    timeLog: (label: unknown = "default", ...args: unknown[]) => {
      host.log(
        "INFO",
        [`${String(label)}: 0ms`, ...(args.length > 0 ? [formatLogMessage(args)] : [])].join(" "),
      );
    },
    timeEnd: (label: unknown = "default") => host.log("INFO", `${String(label)}: 0ms`),
  });
  Object.defineProperty(methods, Symbol.toStringTag, { value: "console", configurable: true });
  Object.defineProperty(global, "console", { value: methods, writable: true, configurable: true });
}
