import { useEffect, useState, type CSSProperties } from "react";
import type { CodeHighlighterPlugin, HighlightResult } from "streamdown";

export interface CodeToken {
  readonly content: string;
  readonly style: CSSProperties;
}

/** Shiki's themes whose every colour has AA contrast on the code surface of its side. */
const THEMES: [string, string] = ["github-light-high-contrast", "github-dark-high-contrast"];
/** Characters: colouring more would hold up the page for longer than the colours are worth. */
const LONGEST_HIGHLIGHTED = 60_000;
/** ms between two colourings of a block that still grows. */
const LIVE_INTERVAL_MS = 200;

let highlighter: CodeHighlighterPlugin | null = null;

async function loadHighlighter(): Promise<CodeHighlighterPlugin> {
  const { createCodePlugin } = await import("@streamdown/code");
  // The plugin's own types name Shiki's bundled languages; Streamdown's structural type is what is used here.
  highlighter ??= createCodePlugin() as unknown as CodeHighlighterPlugin;
  return highlighter;
}

function toLines({ tokens }: HighlightResult): CodeToken[][] {
  return tokens.map((line) =>
    line.map((token) => {
      const style = token.htmlStyle ?? {};
      return {
        content: token.content,
        style: {
          "--token-light": style["color"] ?? token.color,
          "--token-dark": style["--shiki-dark"],
          fontStyle: style["font-style"],
          fontWeight: style["font-weight"],
        } as CSSProperties,
      };
    }),
  );
}

/**
 * Coloured lines of `code`, or null while there are none. Text that has arrived since the last colouring is shown
 * uncoloured after the coloured lines, so nothing waits for colours.
 */
export function useHighlight(code: string, language: string, incomplete: boolean): CodeToken[][] | null {
  const [coloured, setColoured] = useState<{ code: string; lines: CodeToken[][] } | null>(null);
  const wanted = language !== "" && code !== "" && code.length <= LONGEST_HIGHLIGHTED;

  useEffect(() => {
    if (!wanted) return;
    let current = true;
    const run = async () => {
      const plugin = await loadHighlighter();
      if (!current || !plugin.supportsLanguage(language)) return;
      const show = (result: HighlightResult) => {
        if (current) setColoured({ code, lines: toLines(result) });
      };
      const ready = plugin.highlight({ code, language, themes: THEMES, isIncomplete: incomplete }, show);
      if (ready !== null) show(ready);
    };
    const timer = setTimeout(() => void run().catch(() => undefined), incomplete ? LIVE_INTERVAL_MS : 0);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [code, language, incomplete, wanted]);

  if (coloured === null || !wanted || !code.startsWith(coloured.code)) return null;
  if (coloured.code.length === code.length) return coloured.lines;
  return appendPlain(coloured.lines, code.slice(coloured.code.length));
}

function appendPlain(lines: CodeToken[][], rest: string): CodeToken[][] {
  const [first = "", ...more] = rest.split("\n");
  const last = lines.at(-1) ?? [];
  const plain = (content: string): CodeToken => ({ content, style: {} });
  return [...lines.slice(0, -1), [...last, plain(first)], ...more.map((line) => [plain(line)])];
}
