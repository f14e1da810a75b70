/** The line above which the model sees no more, and the summary that it was sent in place of that. */
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { api } from "../../../convex/_generated/api";
import type { Id } from "../../../convex/_generated/dataModel";
import { ContextLine } from "../../../src/usage/ContextLine.tsx";
import { SummarySheet } from "../../../src/usage/SummarySheet.tsx";
import { FakeConvex } from "../support/fakeConvex.tsx";

const SUMMARY = "summary" as Id<"contextSummaries">;

let server: FakeConvex;
beforeEach(() => {
  document.documentElement.lang = "en";
  server = new FakeConvex();
});
afterEach(cleanup);

const show = (summaryId: Id<"contextSummaries"> | null, isWhole = true) =>
  render(
    <server.Page>
      <ContextLine summaryId={summaryId} isWhole={isWhole} />
    </server.Page>,
  );

test("says that the model no longer sees it, where there is no summary", () => {
  show(null);
  expect(screen.getByRole("note").textContent).toBe("The model no longer sees what is above this line");
  expect(screen.queryByRole("button")).toBeNull();
});

test("offers the summary that the model was sent, which is shown as it was written", () => {
  server.give(api.summaries.read, "They spoke of rice.");
  show(SUMMARY);
  expect(screen.getByRole("note").textContent).toContain("has a summary of what is above");
  expect(screen.getByRole("button", { name: "Read it" })).toBeTruthy();
  render(
    <server.Page>
      <SummarySheet id={SUMMARY} onClose={() => undefined} />
    </server.Page>,
  );
  expect(screen.getByRole("dialog").textContent).toContain("They spoke of rice.");
});

test("tells when something between the summary and the line is left out", () => {
  show(SUMMARY, false);
  expect(screen.getByRole("note").textContent).toContain("is left out");
});
