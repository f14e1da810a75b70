import { startTransition, useEffect, useMemo, useRef, useState } from "react";
import { appendPlain, type CodeToken } from "./codeTokens.ts";
import { highlight, newBlock } from "./highlighter.ts";

/** Characters: colouring more would cost longer than the colours are worth. */
const MAX_HIGHLIGHTED = 60_000;
/** ms between two colourings of a block that still grows. */
const LIVE_INTERVAL_MS = 200;

interface Coloured {
  readonly code: string;
  readonly lines: CodeToken[][];
}

/**
 * Coloured lines of `code`, or null while there are none. Text that has arrived since the last colouring is shown
 * uncoloured after the coloured lines, so nothing waits for colours.
 */
export function useHighlight(code: string, language: string, incomplete: boolean): CodeToken[][] | null {
  const [coloured, setColoured] = useState<Coloured | null>(null);
  const [block] = useState(newBlock);
  const wanted = language !== "" && code !== "" && code.length <= MAX_HIGHLIGHTED;

  useEffect(() => {
    if (!wanted || incomplete) return;
    return highlight({ block, code, language, incomplete }, (lines) => {
      // Colours give way, as growing text does: keys and frames come between the lines that change.
      startTransition(() => setColoured({ code, lines }));
    });
  }, [block, code, language, incomplete, wanted]);

  const latest = useRef(code);
  useEffect(() => {
    latest.current = code;
  });
  // Growth doesn't put it off: what is there at each tick is coloured, one request at a time.
  useEffect(() => {
    if (!wanted || !incomplete) return;
    let cancel: (() => void) | null = null;
    let asked = "";
    const request = () => {
      const soFar = latest.current;
      if (cancel !== null || soFar === asked) return;
      asked = soFar;
      cancel = highlight({ block, code: soFar, language, incomplete }, (lines) => {
        cancel = null;
        startTransition(() => setColoured({ code: soFar, lines }));
      });
    };
    const timer = setInterval(request, LIVE_INTERVAL_MS);
    return () => {
      clearInterval(timer);
      cancel?.();
    };
  }, [block, language, incomplete, wanted]);

  return useMemo(() => {
    if (coloured === null || !wanted || !code.startsWith(coloured.code)) return null;
    if (coloured.code.length === code.length) return coloured.lines;
    return appendPlain(coloured.lines, code.slice(coloured.code.length));
  }, [coloured, code, wanted]);
}
