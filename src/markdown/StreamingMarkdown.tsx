import "@fontsource-variable/jetbrains-mono/wght.css";
import { useId, useMemo, useState } from "react";
import { Streamdown, type PluginConfig, type StreamdownProps } from "streamdown";
import { createIncrementalSplit } from "./blocks.ts";
import { useText } from "../i18n/catalogue.ts";
import { citationLinks, type CitedSource } from "./citationLinks.ts";
import { components } from "./components.tsx";
import styles from "./Markdown.module.css";
import { mayHoldMath } from "./mathSyntax.ts";
import { closeOpenMarkup } from "./openMarkup.ts";
import { ownIds } from "./ownIds.ts";
import { MathShown, SlicedBlock } from "./SlicedBlock.tsx";
import { sanitizeHtml } from "./sanitizeHtml.ts";
import { joinMany, splitMarkdown } from "./splitMarkdown.ts";
import { useMathPlugin } from "./useMathPlugin.ts";

/**
 * Streaming markdown whose finished blocks are neither split nor rendered again. `live`: more may come; `cut`: none will, and
 * the text may end in the middle of markup. `cited`: the sources that `[1]`, `[2]`, … stand for, as the JSON of a list.
 */
export function StreamingMarkdown({
  text,
  live,
  cited = "",
  cut = false,
}: {
  text: string;
  live: boolean;
  cited?: string;
  cut?: boolean;
}) {
  const words = useText();
  const prefix = `${useId()}-`;
  const rehypePlugins = useMemo<NonNullable<StreamdownProps["rehypePlugins"]>>(
    () => [
      ...sanitizeHtml,
      [ownIds, { prefix }],
      ...(cited === "" ? [] : [linksTo(JSON.parse(cited) as CitedSource[])]),
    ],
    [prefix, cited],
  );
  const footnotes = useMemo(
    () => ({
      clobberPrefix: "",
      footnoteLabel: words.footnotes,
      footnoteBackLabel: (index: number) => words.backToReference(index + 1),
    }),
    [words],
  );
  const math = useMathPlugin(mayHoldMath(text));
  const plugins = useMemo<PluginConfig>(() => (math === null ? {} : { math }), [math]);
  const [split] = useState(() => createIncrementalSplit(splitMarkdown));
  // A new function when `live` ends: the renderer must not keep the repaired last block.
  const toBlocks = useMemo(
    () => (markdown: string) => {
      const blocks = joinMany(split(markdown.replace(/\r\n?/g, "\n")));
      const last = blocks.at(-1);
      // Closed first: a formula that is half there is already set as it will be.
      return last === undefined || !(live || cut)
        ? [...blocks]
        : [...blocks.slice(0, -1), closeOpenMarkup(last)];
    },
    [split, live, cut],
  );
  return (
    <MathShown value={math !== null}>
      <Streamdown
        // `isAnimating` marks an open code fence as unfinished.
        isAnimating={live}
        className={styles.markdown ?? ""}
        components={components}
        rehypePlugins={rehypePlugins}
        // Of a text that stays the same, the renderer looks at such attributes but not at the plugins.
        data-cited={cited.length}
        remarkRehypeOptions={footnotes}
        plugins={plugins}
        BlockComponent={SlicedBlock}
        parseMarkdownIntoBlocksFn={toBlocks}
        parseIncompleteMarkdown={false}
        controls={false}
      >
        {text}
      </Streamdown>
    </MathShown>
  );
}

const linksTo = (sources: CitedSource[]): [typeof citationLinks, { sources: CitedSource[] }] => [
  citationLinks,
  { sources },
];
