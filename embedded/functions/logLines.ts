/** Log lines of functions, in the form and with the limits of Convex. */

/** Lines a function and those that it calls may log; more are left out. Convex's `MAX_LOG_LINES`. */
const MAX_LOG_LINES = 256;
/** UTF-16 code units. Convex's `MAX_LOG_LINE_LENGTH`, there in bytes. */
const MAX_LINE_LENGTH = 32_768;
const TRUNCATED = " (truncated due to length)";

/** Appends `[LEVEL] text`. */
export function addLogLine(lines: string[], level: string, text: string): void {
  if (lines.length > MAX_LOG_LINES) return;
  if (lines.length === MAX_LOG_LINES) {
    lines.push(`[ERROR] Log overflow (maximum ${MAX_LOG_LINES}). Remaining log lines omitted.`);
    return;
  }
  const cut = text.length > MAX_LINE_LENGTH;
  lines.push(`[${level}] ${cut ? `${text.slice(0, MAX_LINE_LENGTH - TRUNCATED.length)}${TRUNCATED}` : text}`);
}
