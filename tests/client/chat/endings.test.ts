import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { endingDetail, endingHelp, endingText, SAID_BY_THE_END } from "../../../src/chat/endings.ts";
import { de } from "../../../src/i18n/de.ts";
import { finishedLength, spokenPart } from "../../../src/chat/spokenText.ts";
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
    const withheld = { endReason: "contentFilter" as const, problem: null };
    expect(endingText(withheld, true, en)).toMatch(/withheld the rest of this reply/);
    expect(endingText(withheld, false, en)).toMatch(/withheld this reply/);
  });
});

describe("[G12] why it ended, and what helps", () => {
  const ended = { endReason: "providerError" as const, errorMessage: "all of it in English" };

  test("in the reader's language, with the server's own words beside", () => {
    const message = { ...ended, problem: { kind: "key" as const, status: 401, words: "Incorrect API key" } };
    expect(endingText(message, false, en)).toBe(
      "The model's server refused the key (401). Check OPENAI_API_KEY.",
    );
    expect(endingText(message, false, de)).toBe(
      "Der Modellserver hat den Schlüssel abgelehnt (401). Prüfen Sie OPENAI_API_KEY.",
    );
    expect(endingDetail(message)).toBe("Incorrect API key");
  });

  test("when to try again is said in the reader's time, while it lies ahead", () => {
    const at = (retryAt: number) =>
      endingText({ ...ended, problem: { kind: "rateLimit" as const, retryAt } }, false, en);
    expect(at(Date.now() + 300_000)).toMatch(/Try again after \d{1,2}:\d{2}.*\.$/);
    expect(at(Date.now() - 1)).toMatch(/Try again in a moment\.$/);
    expect(at(9e15)).toMatch(/Try again in a moment\.$/);
  });

  test("what Node says of a connection that was lost is said in the page's words alone", () => {
    const lost = (words: string) => ({ ...ended, problem: { kind: "brokenOff" as const, words } });
    expect(endingDetail(lost("other side closed"))).toBeNull();
    expect(endingDetail(lost("terminated"))).toBeNull();
    expect(endingDetail(lost("upstream terminated the stream"))).toBe("upstream terminated the stream");
  });

  test("what was interrupted, or took too long, is said once, in the reader's language", async () => {
    const server = await readFile("convex/model/runs/giveUp.ts", "utf8");
    for (const errorMessage of SAID_BY_THE_END) {
      expect(server).toContain(`"${errorMessage}"`);
      expect(endingDetail({ endReason: "crashed", problem: null, errorMessage })).toBeNull();
    }
    const unplaced = { endReason: "crashed" as const, problem: null, errorMessage: "No place became free." };
    expect(endingDetail(unplaced)).toBe("No place became free.");
  });

  test("an end of a version before has its message as detail; a stop has none", () => {
    expect(endingDetail({ ...ended, problem: null })).toBe("all of it in English");
    expect(endingDetail({ ...ended, endReason: "crashed", problem: null })).toBe("all of it in English");
    expect(endingDetail({ ...ended, endReason: "stopped", problem: null })).toBeNull();
    expect(endingText({ endReason: "providerError", problem: null }, false, en)).toBe(en.noReply);
  });
});

describe("reading a growing answer aloud", () => {
  test("in finished sentences and lines", () => {
    expect(finishedLength("One. Two is not", 0)).toBe(4);
    expect(finishedLength("One. Two is not", 4)).toBe(4);
    expect(finishedLength("# Title\nText", 0)).toBe(8);
    expect(finishedLength("3.14 is", 0)).toBe(0);
  });

  test("of very much at once only the first sentences, and that the rest can be read", () => {
    expect(spokenPart("One. Two.", "REST")).toBe("One. Two.");
    const sentence = "Nobody listens to a whole book. ";
    expect(spokenPart(sentence.repeat(10_000), "REST")).toBe(`${sentence.repeat(62)}REST`);
    expect(spokenPart(`${"word ".repeat(10_000)}.`, "REST")).toBe(`${"word ".repeat(400)}REST`);
    const emoji = spokenPart(`a${"😀".repeat(10_000)}.`, "REST");
    expect(emoji).toBe(`a${"😀".repeat(999)} REST`);
  });
});
