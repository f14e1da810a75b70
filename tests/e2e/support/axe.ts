import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import type { ChatTab } from "./chatTab.ts";

/** All that axe finds wrong with what the tab shows now. Throws if it shows a frame, which nobody looks into. */
export async function violations(tab: Pick<ChatTab, "page">, withoutRules: string[] = []): Promise<string[]> {
  await untilTransitionsEnd(tab.page);
  if (tab.page.frames().length > 1) throw new Error("A page with frames is checked without legacy mode");
  const axe = new AxeBuilder({ page: tab.page })
    .options({ resultTypes: ["violations"] })
    .disableRules(withoutRules)
    // Without a second page for each look, which only frames would need: half the work.
    .setLegacyMode(true);
  const { violations: found } = await axe.analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}

/**
 * Colours that are on their way, as after a change of the theme, have the contrast of neither. Where an answer far from the view is not laid out
 * (`content-visibility`), transitions stand still and are not waited for.
 */
async function untilTransitionsEnd(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .filter((animation) => animation instanceof CSSTransition)
      .map(({ effect }) => (effect as KeyframeEffect).target)
      .every((element) => !element?.checkVisibility({ contentVisibilityAuto: true })),
  );
}
