/** Stack traces in terms of source files. A map is read when the first error needs it, not before. */
import { readFileSync } from "node:fs";
import { SourceMap } from "./sourceMap.ts";

/** `name (file:line:column)` or `file:line:column`, as V8 writes a frame, either with `async` before it. */
const FRAME = /^(async )?(?:(.*) \()?(.*?):(\d+):(\d+)\)?$/;
/** Frames of Convex's own code around a function say nothing to its author. */
const HARNESS = /(^|\/)convex\/src\/server\/(impl\/|router\.ts)/;

/** By which the backend enters a context. */
const OUTSIDE = "node:vm";
const PROMISE_COMBINATOR = "async Promise.";
/** As many as V8 shows by itself. */
const MAX_FRAMES = 10;

const maps = new Map<string, SourceMap | null>();

/**
 * Maps frames, one a line, of code in `file` (whose source map is `<file>.map`). Frames of other files are left out:
 * they are the backend's own. The result has the form in which Convex prints frames.
 *
 * A function is called by the backend, perhaps for another function. Behind its own frames therefore come those of its
 * callers, which are not its affair, and then those that await it, which are.
 */
export function mapFrames(file: string, frames: string): string {
  const mapped: { source: string; text: string }[] = [];
  let isInside = true;
  for (const line of frames.split("\n")) {
    const frame = line.trim().replace(/^at /, "");
    if (frame.startsWith(PROMISE_COMBINATOR)) mapped.push({ source: file, text: `    at ${frame}` });
    const [, async = "", name = "<anonymous>", location, fileLine, column] = FRAME.exec(frame) ?? [];
    if (location !== file) {
      isInside &&= location?.startsWith(OUTSIDE) !== true;
      continue;
    }
    if (!isInside && async === "") continue;
    const { source, position } = originOf(file, Number(fileLine), Number(column));
    mapped.push({ source, text: `    at ${async}${name} (${position})` });
  }
  const isHarness = ({ source }: { source: string }) => HARNESS.test(source);
  while (mapped[0] !== undefined && isHarness(mapped[0])) mapped.shift();
  while (mapped.length > 0 && isHarness(mapped[mapped.length - 1] as { source: string })) mapped.pop();
  return mapped
    .slice(0, MAX_FRAMES)
    .map(({ text }) => text)
    .join("\n");
}

/** Forgets the map of a file that is no longer used. */
export function forgetSourceMap(file: string): void {
  maps.delete(file);
}

function originOf(file: string, line: number, column: number): { source: string; position: string } {
  const origin = mapOf(file)?.originOf(line - 1, column - 1) ?? null;
  if (origin === null) return { source: file, position: `${file}:${line}:${column}` };
  const { source } = origin;
  return { source, position: `${source}:${origin.line + 1}:${origin.column + 1}` };
}

function mapOf(file: string): SourceMap | null {
  const known = maps.get(file);
  if (known !== undefined) return known;
  let map: SourceMap | null = null;
  try {
    map = SourceMap.parse(readFileSync(`${file}.map`, "utf8"));
  } catch {
    // Without a map, positions in the bundle are still better than none.
  }
  maps.set(file, map);
  return map;
}
