import { essenceOf, fileKind, MAX_BYTES, PDF_TYPE, type FileKind } from "../../convex/shared/files";

/** What a chosen file is, before it is uploaded: the server checks again, and knows only what it is told of the type. */

export type FileCheck =
  | { readonly ok: true; readonly mediaType: string }
  | { readonly ok: false; readonly reason: "type" | "empty" }
  | { readonly ok: false; readonly reason: "size"; readonly kind: FileKind; readonly limit: number };

/** Bytes that tell text from other data: no text has a zero among them. */
const SAMPLE_BYTES = 8_192;

export async function checkFile(file: File): Promise<FileCheck> {
  if (file.size === 0) return { ok: false, reason: "empty" };
  const type = essenceOf(file.type);
  const kind = fileKind(type) ?? (/\.pdf$/i.test(file.name) ? "pdf" : null);
  switch (kind) {
    case "image":
      return withinLimit(file, kind, type);
    case "pdf":
      return withinLimit(file, kind, PDF_TYPE);
    case "text":
    case null:
      // Browsers report `.ts` as video/mp2t, so the bytes decide.
      if (!(await looksLikeText(file))) return { ok: false, reason: "type" };
      if (file.size <= MAX_BYTES.text && !(await isUtf8(file))) return { ok: false, reason: "type" };
      return withinLimit(file, "text", kind === null ? "text/plain" : type);
    default:
      return kind satisfies never;
  }
}

function withinLimit(file: File, kind: FileKind, mediaType: string): FileCheck {
  const limit = MAX_BYTES[kind];
  return file.size > limit ? { ok: false, reason: "size", kind, limit } : { ok: true, mediaType };
}

async function looksLikeText(file: File): Promise<boolean> {
  const sample = new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer());
  return !sample.includes(0);
}

async function isUtf8(file: File): Promise<boolean> {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    return true;
  } catch {
    return false;
  }
}
