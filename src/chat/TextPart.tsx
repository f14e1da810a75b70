import { useLayoutEffect } from "react";
import { Markdown } from "../markdown/Markdown.tsx";
import { prefersReducedMotion } from "../lib/useMediaQuery.ts";
import { usePreferences } from "../preferences/preferences.ts";
import { useSmoothText } from "./useSmoothText.ts";

interface Props {
  readonly text: string;
  readonly growing: boolean;
  /** It broke off, perhaps in the middle of markup. */
  readonly cut: boolean;
  /** Is told whether there is text that has not been painted yet. */
  readonly onPainting: (painting: boolean) => void;
}

/** Text of an answer. It stays "live" until all that is known has been painted. */
export function TextPart({ text, growing, cut, onPainting }: Props) {
  const { smoothing } = usePreferences();
  const painted = useSmoothText(text, smoothing && !prefersReducedMotion());
  const painting = painted.length < text.length;
  // Before the paint: what comes after the last word is not seen before it.
  useLayoutEffect(() => {
    onPainting(painting);
    return () => onPainting(false);
  }, [painting, onPainting]);
  return (
    <div data-part="text">
      <Markdown text={painted} live={growing || painting} cut={cut} />
    </div>
  );
}
