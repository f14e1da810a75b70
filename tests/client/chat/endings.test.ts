import { describe, expect, test } from "vitest";
import { endingHelp } from "../../../src/chat/endings.ts";
import { finishedLength } from "../../../src/chat/spokenText.ts";
import { en } from "../../../src/i18n/en.ts";

describe("[G12] the end of an answer", () => {
  test("an answer that came to its own end says nothing", () => {
    expect(endingHelp("finished", true)).toBeNull();
    expect(endingHelp(null, true)).toBeNull();
  });

  test.each(["stopped", "crashed", "timedOut", "providerError", "lengthLimit"] as const)(
    "%s with text offers Continue, without text Retry",
    (reason) => {
      expect(endingHelp(reason, true)?.canContinue).toBe(true);
      expect(endingHelp(reason, false)).toMatchObject({ canContinue: false, canRetry: true });
      expect(en.ends[reason]).toMatch(/\.$/);
    },
  );

  test("a withheld answer cannot be continued, only tried again", () => {
    expect(endingHelp("contentFilter", true)).toMatchObject({ canContinue: false, canRetry: true });
  });
});

describe("reading a growing answer aloud", () => {
  test("in finished sentences and lines", () => {
    expect(finishedLength("One. Two is not", 0)).toBe(4);
    expect(finishedLength("One. Two is not", 4)).toBe(4);
    expect(finishedLength("# Title\nText", 0)).toBe(8);
    expect(finishedLength("3.14 is", 0)).toBe(0);
  });
});
