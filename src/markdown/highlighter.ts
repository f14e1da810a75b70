import {
  withChanges,
  type CodeToken,
  type HighlightRequest,
  type HighlightResponse,
  type LastColoured,
} from "./codeTokens.ts";

type Show = (lines: CodeToken[][]) => void;

const waiting = new Map<number, Show>();
let worker: Worker | null = null;
let lastId = 0;
let lastBlock = 0;
let last: LastColoured | null = null;

/** A number of its own for a block of code. */
export const newBlock = (): number => ++lastBlock;

/** Started by the first block of code, and kept: it holds the grammars that are loaded. */
function startWorker(): Worker {
  const started = new Worker(new URL("./highlight.worker.ts", import.meta.url), { type: "module" });
  started.addEventListener("message", ({ data }: MessageEvent<HighlightResponse>) => {
    const show = waiting.get(data.id);
    waiting.delete(data.id);
    // Also when nobody waits for it any more: the next response says what has changed since.
    last = { block: data.block, lines: withChanges(last, data.block, data) };
    show?.(last.lines);
  });
  return started;
}

/**
 * Has code coloured; `show` is called when it is. Code in an unknown language, or where the worker cannot be had,
 * stays uncoloured. Returns what takes the request back.
 */
export function highlight(request: Omit<HighlightRequest, "id">, show: Show): () => void {
  if (typeof Worker === "undefined") return () => undefined;
  const id = ++lastId;
  waiting.set(id, show);
  worker ??= startWorker();
  worker.postMessage({ ...request, id } satisfies HighlightRequest);
  return () => waiting.delete(id);
}
