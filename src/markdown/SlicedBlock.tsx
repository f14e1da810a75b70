import { createContext, memo, use, useMemo, useState } from "react";
import { Block, type BlockProps } from "streamdown";
import { CodeBlock } from "./CodeBlock.tsx";
import { DiagramBlock } from "./DiagramBlock.tsx";
import { readFencedCode } from "./fencedCode.ts";
import { HeavyBlock } from "./HeavyBlock.tsx";
import { normaliseMath } from "./mathSyntax.ts";
import { WaitingText } from "./PlainText.tsx";
import { pluginsFor } from "./sanitizeHtml.ts";
import { tameMarks } from "./tameMarks.ts";
import { useTurn } from "./useTurn.ts";
import { weigh } from "./weight.ts";

/** Whether formulas are rendered: the renderer of maths is there. */
export const MathShown = createContext(false);

/** One block of markdown: rendered when its turn comes, or not at all if it is too heavy. Until then it is plain text. */
export const SlicedBlock = memo(function SlicedBlock(props: BlockProps) {
  const { content, isIncomplete } = props;
  const [anyway, setAnyway] = useState(false);
  // A megabyte of code is no work for a parser of markdown.
  const fenced = useMemo(() => readFencedCode(content), [content]);
  const weight = useMemo(() => (fenced === null ? weigh(content) : null), [content, fenced]);
  if (fenced !== null) {
    const { code, language } = fenced;
    return language === "mermaid" && !isIncomplete ? (
      <DiagramBlock source={code} />
    ) : (
      <CodeBlock code={code} language={language} incomplete={isIncomplete} />
    );
  }
  if (weight?.tooHeavy === true) {
    return anyway ? (
      <RenderedBlock {...props} />
    ) : (
      <HeavyBlock source={content} onShow={() => setAnyway(true)} />
    );
  }
  return <WaitingBlock {...props} cost={weight?.cost ?? 0} />;
});

function WaitingBlock({ cost, ...props }: BlockProps & { cost: number }) {
  const { ready, ref } = useTurn<HTMLDivElement>(cost);
  if (ready) return <RenderedBlock {...props} />;
  return <WaitingText ref={ref} text={props.content} />;
}

function RenderedBlock(props: BlockProps) {
  const { content, rehypePlugins } = props;
  const withMath = use(MathShown);
  const shown = useMemo(() => tameMarks(withMath ? normaliseMath(content) : content), [content, withMath]);
  return (
    <Block
      {...props}
      content={shown}
      {...(rehypePlugins && { rehypePlugins: pluginsFor(content, rehypePlugins) })}
    />
  );
}
