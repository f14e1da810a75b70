import { MAX_IMAGE_BYTES, MAX_PDF_BYTES, MAX_TEXT_FILE_BYTES } from "./limits";

/** Which files a prompt may have: what the page offers and the functions enforce. */

export type FileKind = "image" | "pdf" | "text";

/** What models with eyes take and every browser shows. SVG is not among them: it is a document that can hold script. */
export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;

export const PDF_TYPE = "application/pdf";

export const MAX_BYTES: Readonly<Record<FileKind, number>> = {
  image: MAX_IMAGE_BYTES,
  pdf: MAX_PDF_BYTES,
  text: MAX_TEXT_FILE_BYTES,
};

/** A media type without its parameters: `text/plain` of `text/plain; charset=utf-8`. */
export function essenceOf(mediaType: string): string {
  return (mediaType.split(";")[0] ?? "").trim().toLowerCase();
}

/** What a file of this type is to a model; null for what cannot be attached. */
export function fileKind(mediaType: string): FileKind | null {
  const type = essenceOf(mediaType);
  if ((IMAGE_TYPES as readonly string[]).includes(type)) return "image";
  if (type === PDF_TYPE) return "pdf";
  return type.startsWith("text/") || type === "application/json" ? "text" : null;
}

const KIBI = 1024;
const MEBI = KIBI * KIBI;

/** A size in words, as in "2.4 MB"; of binary megabytes, as the limits are. `locale`: for its numbers. */
export function formatBytes(bytes: number, locale = "en"): string {
  if (bytes < KIBI) return `${bytes} B`;
  const [value, unit] = bytes < MEBI ? [bytes / KIBI, "kB"] : [bytes / MEBI, "MB"];
  return `${value.toLocaleString(locale, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}
