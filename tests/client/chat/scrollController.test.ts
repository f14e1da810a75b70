import "../support/browser.ts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CLOSE_PX } from "../../../src/chat/autoscroll.ts";
import { paintPace } from "../../../src/chat/paintPace.ts";
import { ScrollController } from "../../../src/chat/scrollController.ts";

const VIEW_PX = 500;

/** jsdom makes no layout: heights are the test's, and the rest follows from them as in a browser. */
class FakeView {
  readonly view = document.createElement("div");
  readonly content = document.createElement("div");
  readonly controller = new ScrollController();
  private height = 0;
  private top = 0;
  private readonly detach: () => void;

  constructor(height: number, turns = true) {
    this.height = height;
    Object.defineProperties(this.view, {
      clientHeight: { get: () => VIEW_PX },
      scrollHeight: { get: () => this.height },
      scrollTop: {
        get: () => this.top,
        set: (top: number) => (this.top = Math.max(0, Math.min(top, this.height - VIEW_PX))),
      },
    });
    this.view.append(this.content);
    if (turns) this.addTurn("some turn", 0);
    document.body.append(this.view);
    this.detach = this.controller.attach(this.view, this.content);
  }

  /** px; less than one is the end. */
  get distanceToEnd() {
    const px = this.height - VIEW_PX - this.top;
    return px < CLOSE_PX ? 0 : px;
  }

  /** A turn at `top` px of the content. */
  addTurn(key: string, top: number) {
    const turn = document.createElement("div");
    turn.dataset["turn"] = key;
    const place = { top };
    turn.getBoundingClientRect = () => new DOMRect(0, place.top - this.top, 100, 10);
    this.content.append(turn);
    // The one added last is what the reader sees.
    document.elementFromPoint = () => turn;
    return place;
  }

  /** The content becomes that much higher, as when a reply grows. */
  grow(px: number) {
    this.height += px;
    this.view.scrollTop = this.top;
    tellSizes();
  }

  /** What the browser does when the view was moved by `px`, by whomever. */
  scroll(px: number) {
    this.view.scrollTop += px;
    this.view.dispatchEvent(new Event("scroll"));
  }

  /** The reader turns the wheel. */
  wheel(px: number) {
    this.view.dispatchEvent(new WheelEvent("wheel", { deltaY: px }));
    this.scroll(px);
  }

  close() {
    this.detach();
    this.view.remove();
  }
}

let tellSizes: () => void = () => undefined;
const disconnect = vi.fn();
let fake: FakeView;

/** Until nothing glides any more. */
const rest = () => vi.advanceTimersByTime(2_000);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(callback: () => void) {
        tellSizes = callback;
      }
      observe = () => undefined;
      disconnect = disconnect;
    },
  );
  document.elementFromPoint = () => null;
  fake = new FakeView(2_000);
});
afterEach(() => {
  fake.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("what the reader opens", () => {
  /** Something to press in the text. */
  function press(html: string) {
    fake.content.insertAdjacentHTML("beforeend", html);
    fake.content.lastElementChild!.querySelector<HTMLElement>("summary, button")!.click();
  }

  test.each([
    ["the model's reasoning", "<details><summary>Reasoning</summary></details>"],
    ["a folded prompt", "<p><button aria-expanded=false>Show all</button></p>"],
    ["the editor of a prompt", "<p><button data-opens>Edit</button></p>"],
  ])("following → detached: %s stays where it was pressed", (_, html) => {
    press(html);
    fake.grow(1_000);
    rest();
    expect(fake.distanceToEnd).toBe(1_000);
    expect(fake.controller.jumpShown.get()).toBe(true);
  });

  test("detached → following: closed again, with the end in view", () => {
    press("<details><summary>Reasoning</summary></details>");
    fake.grow(1_000);
    fake.grow(-1_000);
    fake.grow(50);
    rest();
    expect(fake.distanceToEnd).toBe(0);
    expect(fake.controller.jumpShown.get()).toBe(false);
  });

  test.each([
    ["reasoning that is still being written", "<details data-growing><summary>Thinking</summary></details>"],
    ["what is closed", "<details open><summary>Reasoning</summary></details>"],
    ["a menu", "<p><button aria-expanded=false aria-haspopup=menu>More</button></p>"],
    ["what opens nothing", "<p><button>Copy</button></p>"],
  ])("following → following: %s", (_, html) => {
    press(html);
    fake.grow(1_000);
    rest();
    expect(fake.distanceToEnd).toBe(0);
  });
});

describe("following the end", () => {
  test("attached → at the end, at once", () => {
    expect(fake.distanceToEnd).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a chat without turns is seen from its top: a greeting is not cut off on a low screen", () => {
    const empty = new FakeView(900, false);
    expect(empty.view.scrollTop).toBe(0);
    empty.grow(100);
    rest();
    expect(empty.view.scrollTop).toBe(0);
    empty.close();
  });

  test("growth: the view glides along, frame by frame, and rests at the end", () => {
    fake.grow(300);
    expect(fake.distanceToEnd).toBe(300);
    vi.advanceTimersByTime(32);
    expect(fake.distanceToEnd).toBeLessThan(300);
    expect(fake.distanceToEnd).toBeGreaterThan(0);
    rest();
    expect(fake.distanceToEnd).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("where painting is slow nothing glides: the view is at the end at once", () => {
    vi.spyOn(paintPace, "isSlow").mockReturnValue(true);
    fake.grow(300);
    expect(fake.distanceToEnd).toBe(0);
  });

  test("its own scroll events, and those of a changed layout, let go of nothing", () => {
    fake.scroll(0);
    fake.grow(-100);
    fake.scroll(0);
    fake.grow(400);
    fake.scroll(-60);
    rest();
    fake.grow(100);
    rest();
    expect(fake.distanceToEnd).toBe(0);
  });

  test("the anchored turn gets the height of the view, and nothing above it, which would hand it down", () => {
    const turn = fake.content.querySelector<HTMLElement>("[data-turn]")!;
    turn.dataset["anchored"] = "true";
    fake.controller.anchorSent();
    expect(turn.style.getPropertyValue("--view-height")).toBe(`${VIEW_PX}px`);
    fake.grow(1);
    expect(fake.content.getAttribute("style")).toBeNull();
  });
});

describe("letting go by the reader's gesture", () => {
  test("the wheel turned up: held before the scroll event comes; the next frame pulls nothing back", () => {
    fake.grow(300);
    fake.view.dispatchEvent(new WheelEvent("wheel", { deltaY: -4 }));
    vi.advanceTimersByTime(100);
    expect(fake.distanceToEnd).toBe(300);
  });

  test("the wheel turned up once more: what grows above moves the view by that alone, not to where the reader had been before", () => {
    fake.wheel(-1_000);
    fake.controller.jumpToEnd();
    rest();
    const turn = fake.addTurn("the last turn", 1_600);
    fake.view.dispatchEvent(new WheelEvent("wheel", { deltaY: -400 }));
    turn.top += 70;
    fake.grow(70);
    expect(fake.distanceToEnd).toBe(0);
  });

  test("a tremble of less than 24 px is followed again when the gesture ends", () => {
    fake.wheel(-10);
    vi.advanceTimersByTime(100);
    expect(fake.distanceToEnd).toBe(10);
    rest();
    expect(fake.distanceToEnd).toBe(0);
  });

  test("pulled further up: growth moves nothing; the jump button is shown and leads back", () => {
    fake.wheel(-300);
    rest();
    fake.grow(500);
    rest();
    expect(fake.distanceToEnd).toBe(800);
    expect(fake.controller.jumpShown.get()).toBe(true);
    fake.controller.jumpToEnd();
    rest();
    expect(fake.distanceToEnd).toBe(0);
    expect(fake.controller.jumpShown.get()).toBe(false);
  });

  test("coming down to within 150 px of the end follows it again", () => {
    fake.wheel(-400);
    rest();
    fake.wheel(200);
    rest();
    expect(fake.distanceToEnd).toBe(200);
    fake.wheel(60);
    rest();
    expect(fake.distanceToEnd).toBe(0);
  });

  test("a pointer that is down on the view holds it, however long; released, the view goes on", () => {
    fake.view.dispatchEvent(new Event("pointerdown"));
    fake.grow(300);
    rest();
    expect(fake.distanceToEnd).toBe(300);
    window.dispatchEvent(new Event("pointerup"));
    rest();
    expect(fake.distanceToEnd).toBe(0);
  });

  test("keys that scroll are a gesture; the same keys in the composer are not", () => {
    const field = document.createElement("textarea");
    document.body.append(field);
    const pressIn = (element: Element) => {
      element.dispatchEvent(new KeyboardEvent("keydown", { key: "PageUp", bubbles: true }));
      // The layout changes at the same time: then only a gesture tells that the reader moved.
      fake.grow(100);
      fake.scroll(-100);
      rest();
    };
    pressIn(field);
    expect(fake.distanceToEnd).toBe(0);
    pressIn(document.body);
    expect(fake.distanceToEnd).toBe(200);
    field.remove();
  });
});

describe("a chat opened, sent to and paged", () => {
  test("a prompt just sent is gone to, wherever the reader was", () => {
    fake.wheel(-900);
    rest();
    fake.grow(VIEW_PX);
    fake.controller.anchorSent();
    rest();
    expect(fake.distanceToEnd).toBe(0);
  });

  test("opened at a turn: it is at the top of the view, and stays there", () => {
    fake.addTurn("wanted", 700);
    fake.controller.showTurn("wanted");
    fake.grow(300);
    rest();
    expect(fake.view.scrollTop).toBe(700);
    expect(fake.controller.seenKey()).toBe("wanted");
    fake.controller.showTurn("no such turn");
    expect(fake.view.scrollTop).toBe(700);
  });

  test("earlier turns came in above: what is read stays where it is", () => {
    const turn = fake.addTurn("read", 700);
    fake.controller.rendered("read", true);
    fake.controller.showTurn("read");
    turn.top += 1_000;
    fake.grow(1_000);
    fake.controller.rendered("earlier", true);
    expect(fake.view.scrollTop).toBe(1_700);
  });

  test("following, earlier turns came in above: the view is still at the end, at once", () => {
    fake.grow(1_000);
    fake.controller.rendered("earlier", true);
    expect(fake.distanceToEnd).toBe(0);
    expect(fake.controller.seenKey()).toBeNull();
  });

  test("while the chat's end isn't loaded, its edge is not taken for it", () => {
    fake.controller.rendered("a", false);
    fake.wheel(-200);
    rest();
    fake.wheel(200);
    rest();
    fake.grow(300);
    rest();
    expect(fake.distanceToEnd).toBe(300);
    expect(fake.controller.jumpShown.get()).toBe(true);
    fake.controller.jumpToEnd();
    rest();
    expect(fake.distanceToEnd).toBe(300);
    // The end is on its way; when it is there, the view goes to it.
    fake.controller.rendered("b", true);
    expect(fake.distanceToEnd).toBe(0);
  });

  test("let go of: nothing is observed, timed or moved any more", () => {
    fake.grow(300);
    fake.close();
    rest();
    expect(fake.distanceToEnd).toBe(300);
    expect(disconnect).toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
