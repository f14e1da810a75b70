import type { Page } from "playwright-core";

declare global {
  interface Window {
    /** What an element has shown, each state once, in order. */
    recorded: string[];
  }
}

/**
 * Writes down each text that the last element for `selector` shows, from the page's first moment: nothing that is on the
 * screen for one frame only is missed. For `Person.openTab`; it starts anew when the page is reloaded.
 */
export const recordTexts = (selector: string) => (page: Page) =>
  page
    .addInitScript((watched) => {
      window.recorded = [];
      new MutationObserver(() => {
        const element = [...document.querySelectorAll<HTMLElement>(watched)].at(-1);
        const text = element?.innerText.trimEnd() ?? "";
        if (text !== "" && text !== window.recorded.at(-1)) window.recorded.push(text);
      }).observe(document, { childList: true, subtree: true, characterData: true });
    }, selector)
    .then(() => undefined);

export const recordedTexts = (page: Page): Promise<string[]> => page.evaluate(() => window.recorded);

/** Whether each text only adds to the one before. */
export const onlyGrew = (texts: readonly string[]): boolean =>
  texts.every((text, index) => index === 0 || text.startsWith(texts[index - 1] ?? ""));
