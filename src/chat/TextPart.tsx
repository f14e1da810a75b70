import { Markdown } from "../markdown/Markdown.tsx";
import { prefersReducedMotion } from "../lib/useMediaQuery.ts";
import { usePreferences } from "../preferences/preferences.ts";
import { useSmoothText } from "./useSmoothText.ts";

/** Text of an answer. It stays "live" until all that is known has been painted. */
export function TextPart({ text, growing }: { text: string; growing: boolean }) {
  const { smoothing } = usePreferences();
  const painted = useSmoothText(text, smoothing && !prefersReducedMotion());
  return (
    <div data-part="text">
      <Markdown text={painted} live={growing || painted.length < text.length} />
    </div>
  );
}
