/**
 * Pictures that were attached in this tab, by their attachment: shown from here, so that nothing is loaded again and nothing
 * flashes when an upload becomes the draft's file and then the message's.
 */
const MOST_PREVIEWS = 40;

interface Local {
  /** The key under which the upload was shown. */
  readonly key: string;
  readonly url: string | null;
}

const locals = new Map<string, Local>();

export const localOf = (attachmentId: string): Local | undefined => locals.get(attachmentId);

/** Remembers where an attachment came from; the oldest is forgotten, and then shown from the server. */
export function rememberLocal(attachmentId: string, local: Local) {
  locals.set(attachmentId, local);
  for (const [id, { url }] of locals) {
    if (locals.size <= MOST_PREVIEWS) return;
    locals.delete(id);
    if (url !== null) URL.revokeObjectURL(url);
  }
}

const ofUploads = new Map<string, string>();

/** The picture of an upload; null for other files. */
export function uploadPreview(id: string): string | null {
  return ofUploads.get(id) ?? null;
}

export function makePreview(id: string, file: Blob, mediaType: string) {
  if (mediaType.startsWith("image/")) ofUploads.set(id, URL.createObjectURL(file));
}

/** The upload is over: its picture is the attachment's now, or nobody's. */
export function endPreview(id: string, attachmentId: string | null) {
  const url = ofUploads.get(id) ?? null;
  ofUploads.delete(id);
  if (attachmentId !== null) rememberLocal(attachmentId, { key: id, url });
  else if (url !== null) URL.revokeObjectURL(url);
}
