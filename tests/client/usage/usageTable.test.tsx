import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { api } from "../../../convex/_generated/api";
import { contextStartOf } from "../../../src/usage/contextStart.ts";
import { UsageTable } from "../../../src/usage/UsageTable.tsx";
import type { UsageSum } from "../../../src/usage/useUsage.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";
import { answer, messageId, prompt, TASK } from "../support/messages.ts";

let server: FakeConvex;
beforeEach(() => {
  document.documentElement.lang = "en";
  server = new FakeConvex();
});
afterEach(cleanup);

const sum = (more: Partial<UsageSum>): UsageSum => ({
  ...{ runs: 1, inputTokens: 1_234, outputTokens: 56, cachedTokens: 0, reasoningTokens: 7 },
  ...{ cost: 0, untold: 0, unpriced: 0, estimated: 0, ...more },
});
const cells = () =>
  screen.getAllByRole("row").map((row) => [...row.children].map((cell) => cell.textContent));

describe("what replies took", () => {
  test("a reply without a price costs an unknown amount, never 0; pages of a sum are added up", async () => {
    render(
      <server.Page>
        <UsageTable of={{ messageId: messageId(1), taskId: TASK }} />
      </server.Page>,
    );
    await act(async () => {
      server.callsOf(api.usage.ofAnswer)[0]?.answer(sum({ unpriced: 1 }));
      server
        .callsOf(api.usage.ofChat)[0]
        ?.answer({ sum: sum({ runs: 2, cost: 0.0123, unpriced: 1 }), before: null });
      server.callsOf(api.usage.since)[0]?.answer({ sum: sum({ cost: 1.5 }), before: 99 });
      await Promise.resolve();
    });
    await act(async () => {
      const next = server.callsOf(api.usage.since)[1];
      expect(next?.args).toMatchObject({ before: 99 });
      next?.answer({ sum: sum({ cost: 2 }), before: null });
      await Promise.resolve();
    });
    await screen.findByRole("table");
    expect(cells()[1]).toEqual(["Input", "1,234", "1,234", "2,468"]);
    expect(cells().at(-1)).toEqual(["Cost", "unknown", "$0.012 or more", "$3.50"]);
  });

  test("a month of which nothing is known is a sentence, not a table", async () => {
    render(
      <server.Page>
        <UsageTable of={null} />
      </server.Page>,
    );
    await act(async () => {
      server.callsOf(api.usage.since)[0]?.answer({ sum: sum({ runs: 3, untold: 3 }), before: null });
      await Promise.resolve();
    });
    expect(await screen.findByText(/^For 3 replies this month the provider reported no/)).toBeTruthy();
    expect(screen.queryByRole("table")).toBeNull();
  });
});

describe("where the model's part of a chat begins", () => {
  test("as the newest answer says of which it is known", () => {
    const old = answer(1, 0);
    expect(contextStartOf([old, prompt(0)])).toBeNull();
    expect(
      contextStartOf([
        answer(5, 4, { status: "streaming" }),
        prompt(4),
        answer(3, 2, { contextFrom: 2 }),
        prompt(2),
        old,
      ]),
    ).toEqual({ from: 2, summary: null });
    expect(
      contextStartOf([answer(3, 2, { contextFrom: 0 }), prompt(2), answer(1, 0, { contextFrom: 2 })]),
    ).toEqual({ from: 0, summary: null });
  });
});
