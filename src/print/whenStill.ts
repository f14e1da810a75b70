/** ms between two looks, and how many of them must find the same. */
const LOOK_MS = 150;
const SAME_LOOKS = 3;
/** What is on its way to its final form: blocks that wait for their turn, diagrams that are drawn. */
const WAITING = "[data-plain=waiting]";

/** Resolves when nothing in the element waits and its text has stopped growing, with pictures and fonts loaded; or when aborted. */
export async function whenStill(element: Element, signal: AbortSignal): Promise<void> {
  let length = -1;
  for (let same = 0; same < SAME_LOOKS && !signal.aborted;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const now = element.textContent.length;
    same = now === length && element.querySelector(WAITING) === null ? same + 1 : 0;
    length = now;
  }
  const images = [...element.querySelectorAll("img")].map((image) => {
    // It is in no view that it could come near.
    image.loading = "eager";
    return image.decode().catch(() => undefined);
  });
  await Promise.all([...images, document.fonts.ready]);
}
