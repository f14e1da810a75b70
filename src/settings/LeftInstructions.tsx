import { useLeftInstructions } from "./instructions.ts";

/** Saves instructions that were typed just before a page was closed. Shows nothing, and is loaded after the page. */
export function LeftInstructions() {
  useLeftInstructions();
  return null;
}
