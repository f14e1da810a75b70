import { expect, test } from "vitest";
import { markMatches, matchesQuery } from "../../../src/palette/matches.ts";

test("a label matches when each word of the query begins one of its words", () => {
  expect(matchesQuery("Switch between light and dark", "LIGHT sw")).toBe(true);
  expect(matchesQuery("Switch between light and dark", "itch")).toBe(false);
  expect(matchesQuery("Settings", "  ")).toBe(true);
});

test("what matched is marked, where words begin, whatever the case; nothing is lost", () => {
  const pieces = markMatches("A hash, rehash; Hashes (ü)", "hash ü");
  expect(pieces.filter((piece) => piece.matched).map((piece) => piece.text)).toEqual(["hash", "Hash", "ü"]);
  expect(pieces.map((piece) => piece.text).join("")).toBe("A hash, rehash; Hashes (ü)");
});

test("characters that mean something in a pattern are only themselves", () => {
  expect(markMatches("is c++ (fast)?", "c++ (f").filter((piece) => piece.matched)).toEqual([
    { text: "c++", matched: true },
    { text: "(f", matched: true },
  ]);
  expect(markMatches("text", " ")).toEqual([{ text: "text", matched: false }]);
});
