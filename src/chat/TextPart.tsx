import { useLayoutEffect } from "react";
import { Markdown } from "../markdown/Markdown.tsx";
import { prefersReducedMotion } from "../lib/useMediaQuery.ts";
import { usePreferences } from "../preferences/preferences.ts";
import { useSmoothText } from "./useSmoothText.ts";

interface Props {
  readonly text: string;
  readonly growing: boolean;
  /** The sources of the answer as JSON, which numbers in the text name; empty if it has none. */
  readonly cited: string;
  /** It broke off, perhaps in the middle of markup. */
  readonly cut: boolean;
  /** Called with whether some text has not been painted yet. */
  readonly onPainting: (painting: boolean) => void;
}

/** Text of an answer. It counts as live until all known text has been painted. */
export function TextPart({ text, growing, cited, cut, onPainting }: Props) {
  const { smoothing } = usePreferences();
  // What is stored is all there will be: after Stop, nothing goes on being written.
  const painted = useSmoothText(text, smoothing && !cut && !prefersReducedMotion());
  const painting = painted.length < text.length;
  // Before the paint, so that what follows the last word is never seen before it.
  useLayoutEffect(() => {
    onPainting(painting);
    return () => onPainting(false);
  }, [painting, onPainting]);
  return (
    <div data-part="text">
      <Markdown text={painted} live={growing || painting} cited={cited} cut={cut} />
    </div>
  );
}
