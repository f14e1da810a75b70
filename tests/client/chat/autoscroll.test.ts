import { describe, expect, test } from "vitest";
import {
  DETACH_AFTER_PX,
  FOLLOWING,
  nextAutoscroll,
  REATTACH_WITHIN_PX,
  showsJump,
  type Autoscroll,
} from "../../../src/chat/autoscroll.ts";

const moved = (state: Autoscroll, delta: number, distanceToEnd = 400) =>
  nextAutoscroll(state, { type: "readerMoved", delta, distanceToEnd });

test("a chat that is opened at a message stays there", () => {
  expect(nextAutoscroll(FOLLOWING, { type: "placed" })).toEqual({ mode: "detached" });
});

describe("following the end of a chat", () => {
  test("following → held: the first px upwards stop the view from moving", () => {
    expect(moved(FOLLOWING, -4)).toEqual({ mode: "held", pulled: 4 });
  });

  test("held → detached: 24 px in all, in any number of steps", () => {
    let state: Autoscroll = FOLLOWING;
    for (let pulled = 0; pulled < DETACH_AFTER_PX; pulled += 4) state = moved(state, -4);
    expect(state.mode).toBe("detached");
  });

  test("held → following: a gesture that ends before 24 px was a tremble", () => {
    expect(nextAutoscroll({ mode: "held", pulled: 20 }, { type: "gestureEnded" })).toEqual(FOLLOWING);
  });

  test("following → following: a view that is at its end was not left, however it was moved there", () => {
    expect(moved(FOLLOWING, -26, 0)).toEqual(FOLLOWING);
    expect(moved({ mode: "held", pulled: 20 }, 26, 1)).toEqual(FOLLOWING);
    expect(moved(FOLLOWING, -26, 2).mode).toBe("detached");
  });

  test("held → held: content that shrinks moves the view to its end before the reader does", () => {
    const held: Autoscroll = { mode: "held", pulled: 0 };
    expect(moved(held, -600, 0)).toEqual(held);
    expect(moved(moved(held, -600, 0), -400).mode).toBe("detached");
  });

  test("detached → detached: the end of a gesture attaches nothing", () => {
    expect(nextAutoscroll({ mode: "detached" }, { type: "gestureEnded" }).mode).toBe("detached");
  });

  test("detached → detached: going up near the end does not attach", () => {
    expect(moved({ mode: "detached" }, -10, 40).mode).toBe("detached");
  });

  test("detached → following: coming down to within 150 px of the end", () => {
    expect(moved({ mode: "detached" }, 30, REATTACH_WITHIN_PX + 1).mode).toBe("detached");
    expect(moved({ mode: "detached" }, 30, REATTACH_WITHIN_PX)).toEqual(FOLLOWING);
  });

  test("any → following: sending and jumping go to the end", () => {
    expect(nextAutoscroll({ mode: "detached" }, { type: "sent" })).toEqual(FOLLOWING);
    expect(nextAutoscroll({ mode: "held", pulled: 3 }, { type: "jumped" })).toEqual(FOLLOWING);
  });

  test("any → detached: what the reader opens is read from its beginning", () => {
    expect(nextAutoscroll(FOLLOWING, { type: "opened" }).mode).toBe("detached");
    expect(nextAutoscroll({ mode: "held", pulled: 3 }, { type: "opened" }).mode).toBe("detached");
  });

  test("detached → following: a text that became shorter ends in view; elsewhere nothing changes", () => {
    const shrunk = (distanceToEnd: number) =>
      nextAutoscroll({ mode: "detached" }, { type: "shrunk", distanceToEnd });
    expect(shrunk(1)).toEqual(FOLLOWING);
    expect(shrunk(2).mode).toBe("detached");
  });

  test("the jump button has hysteresis: between its two distances it stays as it is", () => {
    expect(showsJump(false, 200)).toBe(false);
    expect(showsJump(true, 200)).toBe(true);
    expect(showsJump(false, 241)).toBe(true);
    expect(showsJump(true, 119)).toBe(false);
  });
});
