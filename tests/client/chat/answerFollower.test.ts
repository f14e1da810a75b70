import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { textOf } from "../../../convex/shared/parts";
import { AnswerFollower } from "../../../src/chat/answerFollower.ts";
import { emptyLog, type AnswerLog, type LogPiece } from "../../../src/chat/answerLog.ts";
import { text } from "../support/messages.ts";

const row = (index: number, content: string): LogPiece => ({
  from: index,
  to: index + 1,
  parts: [text(content)],
});

/** A log as the server keeps it: rows, and pages of some of them, which it gives where a reader stands at their beginning. */
class StoredLog {
  readonly rows: string[] = [];
  private readonly pages: { from: number; to: number }[] = [];
  /** The rows of pages are deleted: some time after the end. */
  rowsAreGone = false;

  add(content: string): LogPiece {
    this.rows.push(content);
    return row(this.rows.length - 1, content);
  }

  makePage(): void {
    const from = this.pages.at(-1)?.to ?? 0;
    if (this.rows.length > from) this.pages.push({ from, to: this.rows.length });
  }

  /** At most `limit` pieces. */
  read(from: number, to: number, limit: number): LogPiece[] {
    const pieces: LogPiece[] = [];
    for (let next = from; next < to && pieces.length < limit;) {
      const page = this.pages.find((one) => one.from <= next && next < one.to);
      const end = page && (page.from === next || this.rowsAreGone) ? page.to : next + 1;
      const begin = end === next + 1 ? next : (page?.from ?? next);
      pieces.push({ from: begin, to: end, parts: [text(this.rows.slice(begin, end).join(""))] });
      next = end;
    }
    return pieces;
  }

  get text(): string {
    return this.rows.join("");
  }
}

/** A follower whose reads the test answers. */
function following(first = 0, known: AnswerLog = emptyLog(first)) {
  const reads: {
    from: number;
    to: number;
    answer: (pieces: readonly LogPiece[]) => void;
    fail: (error: Error) => void;
  }[] = [];
  const shown: string[] = [];
  const follower = new AnswerFollower(first, {
    known,
    read: (from, to) =>
      new Promise((answer, fail) => {
        reads.push({ from, to, answer, fail });
      }),
    onGrowth: ({ parts }) => shown.push(textOf(parts)),
  });
  return { follower, reads, shown, last: () => shown.at(-1) ?? "" };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("following an answer's log", () => {
  test("[G10] who is sent every row reads nothing", () => {
    const { follower, reads, last } = following();
    for (const [index, word] of ["every ", "row ", "as it ", "comes"].entries())
      follower.take(row(index, word));
    expect(last()).toBe("every row as it comes");
    expect(reads).toEqual([]);
  });

  test("[G9, G10] opened in the middle: what is before is read once, and newer rows wait for it", async () => {
    const { follower, reads, shown, last } = following();
    follower.take(row(40, "d"));
    follower.take(row(41, "e"));
    expect(reads).toMatchObject([{ from: 0, to: 40 }]);
    expect(shown).toEqual([]);
    reads[0]?.answer([{ from: 0, to: 30, parts: [text("abc")] }]);
    await settled();
    expect(reads).toMatchObject([{}, { from: 30, to: 40 }]);
    follower.take(row(42, "f"));
    reads[1]?.answer([{ from: 30, to: 40, parts: [text("-")] }]);
    await settled();
    expect(last()).toBe("abc-def");
    expect(reads).toHaveLength(2);
  });

  test("[G9] rows that were not sent are read in one stretch; meanwhile what was shown stays", async () => {
    const { follower, reads, shown, last } = following();
    follower.take(row(0, "a"));
    follower.take(row(3, "d"));
    follower.take(row(5, "f"));
    expect(shown).toEqual(["a"]);
    expect(reads).toMatchObject([{ from: 1, to: 3 }]);
    reads[0]?.answer([row(1, "b"), row(2, "c")]);
    await settled();
    expect(last()).toBe("abcd");
    expect(reads).toMatchObject([{}, { from: 4, to: 5 }]);
    reads[1]?.answer([row(4, "e")]);
    await settled();
    expect(last()).toBe("abcdef");
  });

  test("[G9] rows that became a page while the reader stood in its middle: nothing is doubled, nothing goes back", async () => {
    const { follower, reads, shown, last } = following();
    follower.take(row(0, "a"));
    follower.take(row(1, "b"));
    follower.need(4);
    reads[0]?.answer([{ from: 0, to: 4, parts: [text("abcd")] }]);
    await settled();
    expect(shown).toEqual(["a", "ab"]);
    expect(reads).toMatchObject([
      { from: 2, to: 4 },
      { from: 0, to: 4 },
    ]);
    reads[1]?.answer([{ from: 0, to: 4, parts: [text("abcd")] }]);
    await settled();
    expect(last()).toBe("abcd");
  });

  test("what is known is not read again; another log begins anew", () => {
    const known = { first: 0, next: 9, parts: [text("known")] };
    const same = following(0, known);
    same.follower.need(12);
    expect(same.reads).toMatchObject([{ from: 9, to: 12 }]);
    const other = following(9, known);
    other.follower.take(row(9, "new"));
    expect(other.last()).toBe("new");
  });

  describe("when reading fails", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    test("it is tried again after a while, until the follower is closed", async () => {
      const { follower, reads } = following();
      follower.need(2);
      reads[0]?.fail(new Error("offline"));
      await vi.advanceTimersByTimeAsync(1_999);
      expect(reads).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(reads).toHaveLength(2);
      reads[1]?.answer([]);
      await vi.advanceTimersByTimeAsync(2_000);
      expect(reads).toHaveLength(3);
      reads[2]?.fail(new Error("offline"));
      await vi.advanceTimersByTimeAsync(0);
      follower.close();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(reads).toHaveLength(3);
    });
  });
});

type Step =
  | { kind: "flush"; sent: boolean; words: string }
  | { kind: "page" }
  | { kind: "answer"; limit: number; fails: boolean }
  | { kind: "reconnect" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("flush" as const), sent: fc.boolean(), words: fc.string() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("page" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      limit: fc.integer({ min: 1, max: 5 }),
      fails: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reconnect" as const) }) },
);

describe("any order of flushes, pages, conflated updates, failed reads and reconnections", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("[G9, G10] shows a growing beginning of the text, and in the end all of it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, endsLate) => {
        const log = new StoredLog();
        let known = emptyLog(0);
        let shown = "";
        let waiting: {
          from: number;
          to: number;
          answer: (pieces: readonly LogPiece[]) => void;
          fail: () => void;
        }[] = [];
        const open = () =>
          new AnswerFollower(0, {
            known,
            read: (from, to) =>
              new Promise((answer, reject) => {
                waiting.push({ from, to, answer, fail: () => reject(new Error("offline")) });
              }),
            onGrowth: (grown) => {
              known = grown;
              const now = textOf(grown.parts);
              expect(now.startsWith(shown)).toBe(true);
              expect(log.text.startsWith(now)).toBe(true);
              shown = now;
            },
          });
        let follower = open();
        const reply = async (limit: number, fails: boolean) => {
          const read = waiting.shift();
          if (!read) return;
          // One at a time.
          expect(waiting).toEqual([]);
          if (fails) read.fail();
          else read.answer(log.read(read.from, read.to, limit));
          await vi.advanceTimersByTimeAsync(fails ? 2_000 : 0);
        };
        for (const one of steps) {
          switch (one.kind) {
            case "flush": {
              const newest = log.add(one.words);
              if (one.sent) follower.take(newest);
              break;
            }
            case "page":
              log.makePage();
              break;
            case "answer":
              await reply(one.limit, one.fails);
              break;
            case "reconnect": {
              follower.close();
              waiting = [];
              follower = open();
              const last = log.rows.length - 1;
              if (last >= 0) follower.take(row(last, log.rows[last] ?? ""));
              break;
            }
            default:
              one satisfies never;
          }
        }
        log.rowsAreGone = endsLate;
        follower.need(log.rows.length);
        for (let i = 0; waiting.length > 0 && i < 500; i++) await reply(3, false);
        follower.close();
        expect(shown).toBe(log.text);
      }),
      { numRuns: 300 },
    );
  });
});
