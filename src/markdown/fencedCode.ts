/** A block of markdown that is nothing but fenced code. */
export interface FencedCode {
  readonly code: string;
  readonly language: string;
}

const OPENING = /^(`{3,}|~{3,})([^\n]*)(?:\n|$)/;

/** Reads what needs no parser: a fence that begins in the first column, holds the whole block and is closed at its end, if at all. */
export function readFencedCode(block: string): FencedCode | null {
  const [opening = "", fence = "", info = ""] = OPENING.exec(block) ?? [];
  if (opening === "" || (fence.startsWith("`") && info.includes("`"))) return null;
  const rest = block.slice(opening.length);
  const closing = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}[ \\t]*$`, "m").exec(rest);
  const code = closing === null ? rest : rest.slice(0, closing.index);
  if (closing !== null && rest.slice(closing.index + closing[0].length).trim() !== "") return null;
  return { code: code.replace(/\n$/, ""), language: info.trim().split(/\s/, 1)[0] ?? "" };
}
