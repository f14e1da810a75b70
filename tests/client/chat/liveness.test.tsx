import "../support/browser.ts";
import { act, cleanup, render } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Liveness } from "../../../src/chat/Liveness.tsx";
import { FakeConvex } from "../support/fakeConvex.tsx";
import { liveTail } from "../support/messages.ts";

const START = 1_000_000;

let server: FakeConvex;
beforeEach(() => {
  server = new FakeConvex();
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const view = (lastOutputAt: number | null, empty = false) => (
  <server.Page>
    <Liveness tail={lastOutputAt === null ? null : liveTail({ lastOutputAt })} empty={empty} />
  </server.Page>
);
const pass = (seconds: number) =>
  act(() => {
    vi.advanceTimersByTime(seconds * 1000);
  });

describe("liveness", () => {
  test("while words come, nothing is said; in silence, for how long", () => {
    const { container, rerender } = render(view(START));
    expect(container.textContent).toBe("");
    pass(3);
    expect(container.textContent).toBe("");
    pass(11);
    expect(container.textContent).toBe("Working, last output 14 s ago");
    rerender(view(START + 14_000));
    expect(container.textContent).toBe("");
    pass(5);
    expect(container.textContent).toBe("Working, last output 5 s ago");
  });

  test("before the first word: that it begins, then for how long nothing came", () => {
    const { container } = render(view(null, true));
    expect(container.querySelector("[aria-hidden]")).not.toBeNull();
    expect(container.textContent).toBe("");
    pass(6);
    expect(container.textContent).toBe("Waiting for the model, 6 s");
  });

  test("[G15] without a place: said quietly after a moment, and no dots; when its turn comes it begins like any other", () => {
    const at = (state: "waiting" | "called" | "streaming") => (
      <server.Page>
        <Liveness tail={liveTail({ state, lastOutputAt: START })} empty />
      </server.Page>
    );
    const { container, rerender } = render(at("waiting"));
    // Most runs have their place at once.
    expect(container.textContent).toBe("");
    pass(3);
    expect(container.querySelector("[role=status]")?.textContent).toBe("Waiting for a free place");
    expect(container.querySelector("i")).toBeNull();
    pass(60);
    expect(container.textContent).toBe("Waiting for a free place");
    rerender(at("called"));
    expect(container.textContent).not.toContain("place");
    expect(container.querySelector("i")).not.toBeNull();
  });

  test("[G12] while the model is asked again, why and for how often; and that its server loads it", () => {
    const at = (retry: NonNullable<Parameters<typeof liveTail>[0]["retry"]>) => (
      <server.Page>
        <Liveness tail={liveTail({ lastOutputAt: START, retry })} empty />
      </server.Page>
    );
    const { container, rerender } = render(at({ attempt: 2, of: 4, kind: "serverProblem" }));
    const said = () => container.querySelector("[role=status]")?.textContent;
    expect(said()).toBe("The model's server has a problem. Trying again, 2 of 4");
    rerender(at({ attempt: 9, of: null, kind: "loading" }));
    expect(said()).toBe("The model is still being loaded");
    expect(container.textContent).not.toContain("Waiting for the model");
  });

  test("opened in the middle of a silence: its true length; a server's clock that is ahead or far behind counts for nothing", () => {
    expect(render(view(START - 30_000)).container.textContent).toBe("Working, last output 30 s ago");
    for (const elsewhere of [START + 60_000, START - 3_600_000]) {
      expect(render(view(elsewhere)).container.textContent).toBe("");
    }
  });

  test("without a connection it says so instead of counting what it cannot see", () => {
    const { container } = render(view(START, true));
    act(() => {
      server.setConnected(false);
    });
    expect(container.textContent).toContain("The connection is lost.");
  });
});
