/** [G14] A part of the page that has failed gets a new chance with another session, however deep it is. */
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { ErrorBoundary, ResetContext } from "../../../src/ui/ErrorBoundary.tsx";

afterEach(cleanup);

test("a failed part inside others is shown again when the session changes, and its neighbour stays as it is", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
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
