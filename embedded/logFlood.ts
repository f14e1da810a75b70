import { SERVER } from "./functions/client.ts";
import type { Log, LogFields } from "./log.ts";

/** Characters of a line that count as one line more. */
const LINE_LENGTH = 2048;

/** A second, over which lines are counted. */
const PERIOD_MS = 1000;

/** How many times a client's lines the server's own areas may have, which all clients together cause. */
const OWN_FACTOR = 10;

/** Who adds lines: so much in this second, and so many left out. */
type Source = { used: number; omitted: number; report: (omitted: number) => void };

/**
 * A log that nobody can flood: each client's functions, and each area of the server, have so many lines a second. The rest is counted, and
 * told in one line at the end of the second. Long lines count as several. Returns how to stop, too.
 */
export function withoutFloods(log: Log, linesPerSecond: number): { log: Log; stop: () => void } {
  let sources = new Map<string, Source>();
  let timer: NodeJS.Timeout | null = null;

  const endPeriod = (): void => {
    const ended = sources;
    sources = new Map();
    timer = null;
    for (const { omitted, report } of ended.values()) if (omitted > 0) report(omitted);
  };
  /** May the line be written? */
  const admit = (key: string, length: number, limit: number, report: Source["report"]): boolean => {
    timer ??= setTimeout(endPeriod, PERIOD_MS).unref();
    let source = sources.get(key);
    if (source === undefined) {
      source = { used: 0, omitted: 0, report };
      sources.set(key, source);
    }
    if (source.used >= limit) {
      source.omitted++;
      return false;
    }
    source.used += 1 + Math.floor(length / LINE_LENGTH);
    return true;
  };
  const ofFunction = (path: string, length: number, payer = SERVER): boolean => {
    const limit = payer === SERVER ? OWN_FACTOR * linesPerSecond : linesPerSecond;
    return admit(`function ${payer}`, length, limit, (omitted) => {
      log.warn("log", `${omitted} more lines like this`, { function: path });
    });
  };
  const ofArea =
    (write: Log["info"], level: string): Log["info"] =>
    (area: string, message: string, fields?: LogFields): void => {
      const report = (omitted: number): void =>
        write(area, `${omitted} more lines like this`, { message: message.slice(0, LINE_LENGTH) });
      if (admit(`${level} ${area}`, message.length, OWN_FACTOR * linesPerSecond, report))
        write(area, message, fields);
    };

  return {
    log: {
      info: ofArea((...line) => log.info(...line), "info"),
      warn: ofArea((...line) => log.warn(...line), "warn"),
      error: (area, message, error, fields) => {
        const write: Log["info"] = (_area, text) => log.error(area, text, error, fields);
        ofArea(write, "error")(area, message);
      },
      functionLine: (path, line, payer) => {
        if (ofFunction(path, line.length, payer)) log.functionLine(path, line, payer);
      },
      functionFailed: (call, failure) => {
        if (ofFunction(call.address.path, failure.message.length, call.client?.payer))
          log.functionFailed(call, failure);
      },
    },
    stop: () => {
      if (timer === null) return;
      clearTimeout(timer);
      endPeriod();
    },
  };
}
