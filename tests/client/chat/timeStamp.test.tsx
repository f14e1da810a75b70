import "../support/browser.ts";
import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { TimeStamp } from "../../../src/chat/TimeStamp.tsx";
import { dateFormats } from "../../../src/lib/dateFormats.ts";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  document.documentElement.lang = "";
});

const stamp = (at: Date) => render(<TimeStamp at={at.getTime()} />).container.querySelector("time");

test("the time of today, or the day, and both in full on hover, as the reader's language writes them", () => {
  document.documentElement.lang = "de";
  const then = new Date(2024, 2, 5, 14, 7, 9);
  expect(stamp(then)?.textContent).toBe("5. März 2024");
  expect(stamp(then)?.title).toBe("5.3.2024, 14:07:09");
  const now = new Date();
  now.setHours(9, 5);
  expect(stamp(now)?.textContent).toBe("09:05");
});

test("a page of messages makes no format for each of its times", () => {
  // Each call of these makes one.
  const makers = (["toLocaleString", "toLocaleTimeString", "toLocaleDateString"] as const).map((name) =>
    vi.spyOn(Date.prototype, name),
  );
  stamp(new Date());
  const formats = dateFormats();
  for (let minute = 0; minute < 50; minute++) stamp(new Date(2024, 2, 5, 14, minute));
  for (const maker of makers) expect(maker).not.toHaveBeenCalled();
  expect(dateFormats()).toBe(formats);
});
