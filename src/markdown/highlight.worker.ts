/**
 * Colours code beside the page: compiling a language's grammar takes a quarter of a second even on a fast computer,
 * in which nobody could type or scroll.
 */
import { createCodePlugin } from "@streamdown/code";
import type { CodeHighlighterPlugin, HighlightResult } from "streamdown";
import {
  changesOf,
  toLines,
  type HighlightRequest,
  type HighlightResponse,
  type LastColoured,
} from "./codeTokens.ts";

/** Shiki's themes whose every colour has AA contrast on the code surface of its side. */
const THEMES: [string, string] = ["github-light-high-contrast", "github-dark-high-contrast"];

// The plugin's own types name Shiki's bundled languages; Streamdown's structural type is what is used here.
const plugin = createCodePlugin() as unknown as CodeHighlighterPlugin;

let last: LastColoured | null = null;
const compiled = new Set<string>();

self.addEventListener("message", ({ data }: MessageEvent<HighlightRequest>) => {
  const { id, block, code, language, incomplete } = data;
  if (!plugin.supportsLanguage(language)) return;
  const reply = (result: HighlightResult) => {
    const lines = toLines(result);
    self.postMessage({ id, block, ...changesOf(last, block, lines) } satisfies HighlightResponse);
    last = { block, lines };
  };
  const colour = () => colourCode({ code, language, incomplete }, reply);
  if (compiled.has(language)) {
    colour();
    return;
  }
  // Shiki gives a line up after half a second, which compiling the grammar takes on a slow computer: it is compiled by a first try, whose
  // colours nobody sees. The plugin remembers what it coloured, so that has a line more.
  colourCode({ code: `${code}\n`, language, incomplete }, () => {
    compiled.add(language);
    colour();
  });
});

function colourCode(
  { code, language, incomplete }: Pick<HighlightRequest, "code" | "language" | "incomplete">,
  reply: (result: HighlightResult) => void,
) {
  const ready = plugin.highlight({ code, language, themes: THEMES, isIncomplete: incomplete }, reply);
  if (ready !== null) reply(ready);
}
