/** What a model says when it goes on, joined to what was there. */
import { describe, expect, test } from "vitest";
import { ContinuationJoin } from "../../convex/model/generator/continuationJoin";

/** The whole text when the model says this after `before`, in pieces of so many characters. */
function joined(before: string, said: string, size: number): string {
  const join = new ContinuationJoin(before);
  let text = before;
  for (let at = 0; at < said.length; at += size) text += join.push(said.slice(at, at + size));
  return text + join.end();
}

const TEXTS = {
  english: "The quick brown fox jumps over the lazy dog. Then it rests for a while, and nobody minds.",
  german: "Der schnelle braune Fuchs springt über den faulen Hund. Danach ruht er sich gründlich aus.",
  russian: "Быстрая бурая лиса перепрыгивает через ленивую собаку. Потом она отдыхает в тени.",
  arabic: "الثعلب البني السريع يقفز فوق الكلب الكسول ثم يستريح قليلا تحت شجرة كبيرة.",
  chinese: "敏捷的棕色狐狸跳过那只懒狗。然后它在树荫下休息了一会儿,谁也没有在意。",
  japanese: "すばやい茶色の狐がのろまな犬を飛び越える。そして木陰でしばらく休んだ。",
  korean: "빠른 갈색 여우가 게으른 개를 뛰어넘는다. 그리고 나무 그늘에서 잠시 쉬었다.",
  hebrew: "השועל החום המהיר קופץ מעל הכלב העצלן ואז הוא נח קצת מתחת לעץ גדול.",
  hindi: "तेज़ भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है। फिर वह एक पेड़ के नीचे आराम करती है।",
  thai: "สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ แล้วมันก็พักผ่อนใต้ต้นไม้ใหญ่",
  mixed: "Der Code `añadir()` heißt auf Russisch «добавить», auf 日本語 では 追加 と言う. 그리고 끝.",
  emoji: "Foxes 🦊 jump over dogs 🐕 and then they rest 😴 under a tree 🌳 for a while.",
  code: "Here it is:\n\n```ts\nexport function add(a: number, b: number): number {\n  return a + b;\n}\n```\n\nThat is all of it.",
  python: "```python\ndef add(a, b):\n    total = a + b\n    return total\n\nprint(add(1, 2))\n```\nDone.",
  bullets: "- Milk from the shop\n- Bread\n  - white\n  - brown, sliced\n- Butter\n\nAll of it, please.",
  list: "Fruits:\n\n1. Apples\n2. Bananas\n3. Cherries\n4. Dates\n\nThose were four of them.",
  table: "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 1 | 2 |\n| 3 | 4 |\n\nThat was the table.",
};

const letters = (text: string): number => text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;

/** The two halves of a text at each place where it can be cut, with the line that is cut. */
function* cutsOf(text: string) {
  for (let cut = 1; cut < text.length; cut++) {
    if (/^[\udc00-\udfff]/.test(text.slice(cut, cut + 1))) continue;
    const before = text.slice(0, cut);
    const lineAt = before.lastIndexOf("\n") + 1;
    yield { cut, before, after: text.slice(cut), lineAt, line: before.slice(lineAt) };
  }
}

describe("[G9] continuing joins without a doubled or a missing word", () => {
  test.each(Object.entries(TEXTS))(
    "%s, cut anywhere, that goes on exactly there: nothing is lost",
    (_name, text) => {
      for (let cut = 1; cut < text.length; cut++) {
        for (const size of [1, 3, 1_000])
          expect(joined(text.slice(0, cut), text.slice(cut), size)).toBe(text);
      }
    },
  );

  test.each(Object.entries(TEXTS))(
    "%s, cut anywhere, of which 20 characters and the word before are repeated",
    (_name, text) => {
      // Where a word begins is another matter in each of its scripts.
      if (text === TEXTS.mixed) return;
      const least = ([TEXTS.hindi, TEXTS.korean, TEXTS.thai] as string[]).includes(text) ? 8 : 16;
      let repeated = 0;
      for (let cut = 24; cut < text.length - 1; cut++) {
        const wordAt = text.slice(0, cut - 20).search(/\S+\s*$/u);
        const from = /[\p{Script=Han}\p{Script=Hiragana}]/u.test(text) ? cut - 20 : wordAt;
        if (from <= 0 || letters(text.slice(from, cut)) < least) continue;
        repeated += 1;
        for (const size of [1, 7]) {
          expect(joined(text.slice(0, cut), text.slice(from), size), `${cut}`).toBe(text);
        }
      }
      if (text !== TEXTS.table && text !== TEXTS.list) expect(repeated).toBeGreaterThan(1);
    },
  );

  test.each(Object.entries(TEXTS))(
    "%s, cut within any word, that is begun once more; of one letter it may be another word",
    (_name, text) => {
      for (const { cut, before, after } of cutsOf(text)) {
        const word = /[\p{L}\p{N}\p{M}_]+$/u.exec(before)?.[0] ?? "";
        if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Thai}\d]/u.test(word)) continue;
        if (letters(word) < 2 || !/^[\p{L}\p{M}]/u.test(after)) continue;
        for (const size of [1, 1_000]) expect(joined(before, word + after, size), `${cut}`).toBe(text);
      }
    },
  );

  test.each(Object.entries(TEXTS))(
    "%s, cut anywhere, of which the cut line is repeated, be it on a new line",
    (_name, text) => {
      let repeated = 0;
      for (const { cut, before, after, lineAt, line } of cutsOf(text)) {
        // Of less nobody can tell; and rows of a table may be meant to be equal.
        if (letters(line) < 2 || text === TEXTS.table) continue;
        repeated += 1;
        for (const size of [1, 1_000]) {
          expect(joined(before, text.slice(lineAt), size), `${cut}`).toBe(text);
          // A whole line on a new line may be meant, too: "Ha!", "Ha!".
          if (/^\s*\n/.test(after) && !/^\d/.test(line)) continue;
          expect(joined(before, `\n${text.slice(lineAt)}`, size), `${cut}`).toBe(text);
        }
      }
      if (text !== TEXTS.table) expect(repeated).toBeGreaterThan(20);
    },
  );

  test.each([
    ["code", "ts"],
    ["python", "python"],
  ] as const)("%s, cut anywhere in its block, that is opened once more", (name, language) => {
    const text = TEXTS[name];
    const [from, to] = [text.indexOf("\n", text.indexOf("```")) + 1, text.lastIndexOf("\n```")];
    for (const { cut, before, after, lineAt, line } of cutsOf(text)) {
      // Of an indentation that was cut nobody can tell how much is repeated.
      if (cut < from || cut > to || (line.trim() === "" && line !== "" && after.startsWith(" "))) continue;
      const fence = `\`\`\`${language}\n`;
      for (const size of [1, 1_000]) {
        expect(joined(before, fence + after, size), `${cut}`).toBe(text);
        // "}" after "}" may be meant.
        if (line.trim() === "}") continue;
        expect(joined(before, fence + text.slice(lineAt), size), `${cut}`).toBe(text);
      }
    }
  });

  test.each([
    ["the cut word is begun once more", "The quick bro", "brown fox", "The quick brown fox"],
    ["a German one", "der übermä", "übermäßige Regen", "der übermäßige Regen"],
    ["a Russian one", "Это прог", "программа", "Это программа"],
    ["some words before it", "over the la", "the lazy dog", "over the lazy dog"],
    ["the line of a list", "1. Apples\n2. Ba", "2. Bananas\n3. Dates", "1. Apples\n2. Bananas\n3. Dates"],
    ["the same on a new line", "1. Apples\n2. Ba", "\n2. Bananas", "1. Apples\n2. Bananas"],
    [
      "a code block is opened once more",
      "See:\n```ts\nconst a = 1;\n",
      "```ts\nconst b = 2;\n```",
      "See:\n```ts\nconst a = 1;\nconst b = 2;\n```",
    ],
    [
      "with the cut line",
      "```py\ndef f():\n    ret",
      "```py\n    return 1\n```",
      "```py\ndef f():\n    return 1\n```",
    ],
    ["the mark of a list", "- Apples\n- ", "- Bananas", "- Apples\n- Bananas"],
    ["the mark of a numbered list", "1. Apples\n2. ", "2. Bananas", "1. Apples\n2. Bananas"],
    ["a whole item", "1. Apples", "1. Apples\n2. Bananas", "1. Apples\n2. Bananas"],
    ["a mark of code that was cut", "See:\n`", "```ts\na", "See:\n```ts\na"],
    ["the same, whole", "See:\n```ts", "```ts\na", "See:\n```ts\na"],
    ["the first line", "The quick", "The quick brown fox", "The quick brown fox"],
    ["Chinese words", "今天天气很好", "天气很好,我们出去", "今天天气很好,我们出去"],
  ])("repeated: %s", (_what, before, said, whole) => {
    for (const size of [1, 2, 1_000]) expect(joined(before, said, size)).toBe(whole);
  });

  test.each([
    ["the second half of a word", "a mur", "mur of voices"],
    ["a word said twice", "It is very", " very good"],
    ["numbers", "0, 0, ", "0, 0, 0"],
    ["the first word", "Bye", " Bye, dear"],
    ["an item that is equal", "- one", "\n- one\n- two"],
    ["a mark of code that goes on", "See:\n`", "``ts\na"],
    ["deeper indentation", "```py\nif a:\n  ", "  b()"],
    ["digits", "It is 12", "12 o'clock"],
    ["laughter", "哈哈哈哈", "哈哈哈"],
    ["closing brackets", "{ {\n  }\n", "}\n"],
    ["words of a language that close blocks", "  if a\n    b\n  end", "\nend"],
    ["rows of a table", "| 1 | 2 |\n| 1 | 2 |\n", "| 1 | 2 |\n"],
    ["the end of a code block", "```ts\nconst a = 1;", "\n```\nDone."],
    ["another code block", "```ts\na\n```\nAnd:\n", "```ts\nb\n```"],
    ["a code block in a code block of Markdown", "````md\nUse:\n", "```ts\na\n```\n````"],
  ])("meant: %s", (_what, before, said) => {
    for (const size of [1, 2, 1_000]) {
      if (before === "a mur") expect(joined(before, said, size)).toBe("a mur of voices");
      else expect(joined(before, said, size)).toBe(before + said);
    }
  });

  test("text that differs is given at once, and what is held is at most what is repeated", () => {
    const join = new ContinuationJoin("The quick brown fox");
    expect(join.push(" jumps")).toBe(" jumps");
    const other = new ContinuationJoin("The quick brown fox jumps");
    expect(other.push("The quick ")).toBe("");
    expect(other.push("red")).toBe("The quick red");
    expect(other.push(" The quick")).toBe(" The quick");
  });
});
