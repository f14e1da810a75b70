/** A log line of a function, in Convex's form: `[INFO] 'text' { some: 'value' }`. */
export type LogLevel = "LOG" | "DEBUG" | "INFO" | "WARN" | "ERROR";

const LINE = /^\[(LOG|DEBUG|INFO|WARN|ERROR)\] (.*)$/s;
const ONE_STRING = /^'((?:[^'\\]|\\.)*)'$/s;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/**
 * Its level, and the text as the function wrote it if it logged a single string, as structured log lines are; otherwise
 * as Convex shows it.
 */
export function plainLogLine(line: string): { level: LogLevel; text: string } {
  const [, level = "LOG", shown = line] = LINE.exec(line) ?? [];
  const quoted = ONE_STRING.exec(shown)?.[1];
  const text = quoted?.replace(/\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(.))/gs, unescape) ?? shown;
  return { level: level as LogLevel, text };
}

function unescape(_all: string, hex?: string, unicode?: string, character = ""): string {
  const code = hex ?? unicode;
  return code === undefined ? (ESCAPES[character] ?? character) : String.fromCharCode(parseInt(code, 16));
}
