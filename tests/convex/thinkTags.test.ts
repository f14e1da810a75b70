/** Thoughts that a model's server leaves in its text. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ThinkTags, withoutThoughts, type Said } from "../../convex/model/generator/thinkTags";
import { WholeCharacters } from "../../convex/model/generator/wholeCharacters";
import { mergeParts, type Part } from "../../convex/shared/parts";

function tell(pieces: readonly string[], mayTakeBack = true): Said[] {
  const tags = new ThinkTags({ mayTakeBack });
  return [...pieces.flatMap((piece) => tags.push(piece)), ...tags.end()];
}

/** What is said in the end: pieces of one kind joined, and text that was taken back told as thoughts. */
function heard(pieces: readonly string[], mayTakeBack = true): string[] {
  const joined: { kind: "text" | "reasoning"; text: string }[] = [];
  for (const said of tell(pieces, mayTakeBack)) {
    const last = joined.at(-1);
    if (said.kind === "thoughts") {
      if (last) last.kind = "reasoning";
    } else if (last?.kind === said.kind) last.text += said.text;
    else joined.push({ ...said });
  }
  return joined.map(({ kind, text }) => `${kind}: ${text}`);
}

const split = (text: string, places: readonly number[]): string[] => {
  const sorted = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [...sorted, text.length].map((end, index) => text.slice(sorted[index - 1] ?? 0, end));
};

const CASES: [string, string, string[]][] = [
  ["no thoughts", "Just words.", ["text: Just words."]],
  ["thoughts first", "<think>\nHm.\n</think>\n\nHello", ["reasoning: Hm.", "text: Hello"]],
  ["without line ends", "<think>Hm</think>Hello", ["reasoning: Hm", "text: Hello"]],
  ["behind empty lines", "\n\n<think>Hm</think>Hello", ["reasoning: Hm", "text: Hello"]],
  ["none at all (Qwen without thinking)", "<think>\n\n</think>\n\nHello", ["text: Hello"]],
  ["not closed", "<think>Hm, and then", ["reasoning: Hm, and then"]],
  ["not opened", "Hm.\n</think>\n\nHello", ["reasoning: Hm.\n", "text: Hello"]],
  ["not opened, on one line", "Hm</think>Hello", ["reasoning: Hm", "text: Hello"]],
  ["not opened, with nothing before", "</think>Hello", ["text: Hello"]],
  [
    "twice",
    "<think>A</think>One\n<think>B</think>Two",
    ["reasoning: A", "text: One\n", "reasoning: B", "text: Two"],
  ],
  ["one behind the other", "<think>A</think><think>B</think>Two", ["reasoning: AB", "text: Two"]],
  ["another name (Gemma)", "<thought>Hm</thought>Hello", ["reasoning: Hm", "text: Hello"]],
  [
    "another name in the thoughts",
    "<think>a </thinking> b</think>Hello",
    ["reasoning: a </thinking> b", "text: Hello"],
  ],
  ["the tags as code", "Use `<think>` and `</think>` here", ["text: Use `<think>` and `</think>` here"]],
  [
    "the tags in a block of code",
    "So:\n```\n<think>\n</think>\n```\nDone",
    ["text: So:\n```\n<think>\n</think>\n```\nDone"],
  ],
  ["a tag in the middle of a line", "The tag <think> begins them", ["text: The tag <think> begins them"]],
  ["what only looks like one", "<thin ice> </thin ice>", ["text: <thin ice> </thin ice>"]],
  ["a beginning that stays one", "a <thi", ["text: a <thi"]],
  ["spaces that belong to the text", "    indented", ["text:     indented"]],
];

describe("thoughts in the text of an answer", () => {
  test.each(CASES)("%s", (_name, text, expected) => {
    expect(heard([text])).toEqual(expected);
    expect(heard(Array.from(text))).toEqual(expected);
  });

  test("[G9] any split gives the same", () => {
    const tokens = fc.constantFrom(
      "<think>",
      "</think>",
      "<thought>",
      "</thought>",
      "`",
      "```\n",
      "\n",
      " ",
      "<",
      "a",
      "thi",
      "</",
      "word ",
    );
    fc.assert(
      fc.property(
        fc.array(tokens, { maxLength: 25 }),
        fc.array(fc.nat(200), { maxLength: 20 }),
        fc.boolean(),
        (said, places, mayTakeBack) => {
          const text = said.join("");
          expect(heard(split(text, places), mayTakeBack)).toEqual(heard([text], mayTakeBack));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("no character is lost but tags, and empty lines around thoughts", () => {
    const tokens = fc.constantFrom("<think>", "</think>", "\n", "`", "a", "b c", "<", ">");
    const bare = (text: string) => text.replace(/<\/?think>|\s/g, "");
    fc.assert(
      fc.property(fc.array(tokens, { maxLength: 30 }), (said) => {
        const all = tell(said).map((piece) => (piece.kind === "thoughts" ? "" : piece.text));
        expect(bare(all.join(""))).toBe(bare(said.join("")));
      }),
      { numRuns: 1_000 },
    );
  });

  test("an answer that is continued, or that has thoughts already, takes nothing back", () => {
    expect(heard(["so it </think> goes"], false)).toEqual(["text: so it </think> goes"]);
  });

  test("a megabyte of tags that are none takes no longer than it is long", () => {
    const text = "x<think>".repeat(130_000);
    expect(heard([text])).toEqual([`text: ${text}`]);
  });

  test("what is told a model of a whole text", () => {
    expect(withoutThoughts("<think>Hm</think>Hello")).toBe("Hello");
    expect(withoutThoughts("Hm</think>Hello")).toBe("Hello");
    expect(withoutThoughts("Hello")).toBe("Hello");
  });
});

test("[G8] text that is taken back is the same part, as reasoning, however its log is folded", () => {
  const fragments: Part[] = [
    { type: "text", position: 0, text: "Hm" },
    { type: "text", position: 0, text: "…" },
    { type: "reasoning", position: 0, text: "" },
    { type: "text", position: 1, text: "Hello" },
  ];
  const folded = mergeParts(fragments);
  expect(folded).toEqual([
    { type: "reasoning", position: 0, text: "Hm…" },
    { type: "text", position: 1, text: "Hello" },
  ]);
  for (let at = 0; at <= fragments.length; at++) {
    expect(mergeParts([...mergeParts(fragments.slice(0, at)), ...fragments.slice(at)])).toEqual(folded);
  }
});

test("a character whose halves come apart is one character; half of one is shown as none", () => {
  const characters = new WholeCharacters();
  expect(["a\ud83d", "\ude00b", "\ude00", "c\ud83d"].map((piece) => characters.push(piece))).toEqual([
    "a",
    "😀b",
    "\uFFFD",
    "c",
  ]);
  expect(characters.end()).toBe("\uFFFD");
});
