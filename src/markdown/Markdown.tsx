import { memo, Suspense } from "react";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import { lazyPart } from "../ui/lazyPart.ts";
import { loadRenderer } from "./loadRenderer.ts";
import { PlainText } from "./PlainText.tsx";

const StreamingMarkdown = lazyPart(loadRenderer);

/**
 * Markdown of a model. Until the renderer is there, and should it fail, the same text is readable as it is.
 * `live` while more may come, `cut` if it broke off: half-open markup at the end is closed for display. `cited`: see StreamingMarkdown.
 */
export const Markdown = memo(function Markdown({
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
  const plain = <PlainText text={text} />;
  return (
    <ErrorBoundary fallback={plain}>
      <Suspense fallback={plain}>
        <StreamingMarkdown text={text} live={live} cited={cited} cut={cut} />
      </Suspense>
    </ErrorBoundary>
  );
});
