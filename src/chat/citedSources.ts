import type { DocumentPart, Part, SourcePart } from "../../convex/shared/parts";

/** The sources of an answer, in the order of the numbers by which its text names them. */
export const sourcesOf = (parts: readonly Part[]) =>
  parts.filter((part): part is SourcePart | DocumentPart => part.type.startsWith("source-"));
