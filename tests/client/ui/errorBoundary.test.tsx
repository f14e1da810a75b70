import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ErrorBoundary, ResetContext } from "../../../src/ui/ErrorBoundary.tsx";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** As `useQuery` throws what a query threw. */
const queryFailure = () =>
  new Error("[CONVEX Q(tasks:list)] [Request ID: 1] Server Error\n  Called by client");

/** Shows the part as soon as there is nothing to throw. */
function show(failure: () => Error | null, fallback?: string) {
  const Part = () => {
    const error = failure();
    if (error !== null) throw error;
    return <p>The list</p>;
  };
  return render(
    <ErrorBoundary fallback={fallback}>
      <Part />
    </ErrorBoundary>,
  );
}
/** In steps: React renders between them. */
const pass = (seconds: number) => {
  for (let second = 0; second < seconds; second++)
    act(() => {
      vi.advanceTimersByTime(1_000);
    });
};
/** Seconds: longer than any pause between two attempts. */
const LONGEST = 30;

describe("a part whose query fails", () => {
  test("once: it is asked again within a second, and nothing was said", () => {
    let fails = true;
    show(() => (fails ? queryFailure() : null));
    expect(screen.queryByRole("alert")).toBeNull();
    fails = false;
    pass(1);
    screen.getByText("The list");
  });

  test("again and again: it is said once, asked at growing intervals, and heals by itself", () => {
    let [asked, fails] = [0, true];
    show(() => {
      asked += 1;
      return fails ? queryFailure() : null;
    });
    pass(1);
    screen.getByRole("alert");
    pass(10 * LONGEST);
    // Still there to be read, but not spoken anew by each attempt.
    screen.getByText("This part of the page could not be shown.");
    expect(screen.queryByRole("alert")).toBeNull();
    const before = asked;
    pass(10 * LONGEST);
    // React tries each render that throws a second time.
    expect(asked - before).toBeLessThanOrEqual(2 * 20);
    fails = false;
    pass(LONGEST);
    screen.getByText("The list");
  });

  test("with something else to show: that is shown until it works", () => {
    let fails = true;
    show(() => (fails ? queryFailure() : null), "Nothing here");
    screen.getByText("Nothing here");
    fails = false;
    pass(1);
    screen.getByText("The list");
  });

  test("somebody who does not want to wait tries again", () => {
    let fails = true;
    show(() => (fails ? queryFailure() : null));
    pass(1);
    fails = false;
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    screen.getByText("The list");
  });
});

test("a fault of the page's own is said at once, and not tried again by itself", () => {
  let asked = 0;
  show(() => {
    asked += 1;
    return new TypeError("undefined is not a function");
  });
  screen.getByRole("alert");
  const before = asked;
  pass(10 * LONGEST);
  expect(asked).toBe(before);
});

test("[G14] a failed part inside others is shown again when the session changes, and its neighbour stays as it is", () => {
  let fails = true;
  function Part() {
    if (fails) throw new Error("Your session has ended.");
    return <p>Chats</p>;
  }
  const page = (session: string) => (
    <ResetContext value={session}>
      <ErrorBoundary>
        <input aria-label="Draft" />
        <ErrorBoundary>
          <Part />
        </ErrorBoundary>
      </ErrorBoundary>
    </ResetContext>
  );
  const { rerender } = render(page("ready"));
  const draft = screen.getByRole("textbox");
  screen.getByRole("alert");
  fails = false;
  rerender(page("ready"));
  screen.getByRole("alert");
  rerender(page("signingIn"));
  screen.getByText("Chats");
  expect(screen.getByRole("textbox")).toBe(draft);
});
