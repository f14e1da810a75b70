import { failure } from "../../shared/errors";
import { IMAGE_TYPES } from "../../shared/files";
import { MAX_ISOLATE_FILE_BYTES } from "../chatStream/fileBytes";

export type RequestImage = { mediaType: string; bytes: ArrayBuffer };

const DATA_URL = /^data:(image\/[a-z]+);base64,([A-Za-z0-9+/=\s]+)$/;

/** Bytes of a picture that stands in the request itself. The server fetches none: an address may be one of its own network. Errors: INVALID_INPUT, FILE_TOO_LARGE. */
export function readDataUrl(url: unknown, at: string): RequestImage {
  const [, mediaType, base64] = DATA_URL.exec(typeof url === "string" ? url : "") ?? [];
  if (
    mediaType === undefined ||
    base64 === undefined ||
    !(IMAGE_TYPES as readonly string[]).includes(mediaType)
  )
    throw failure(
      "INVALID_INPUT",
      `The request's body cannot be used: the image_url of "${at}" must be a data: URL of base64, of type ${IMAGE_TYPES.join(", ")}.`,
    );
  const text = decode(base64, at);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  if (bytes.length > MAX_ISOLATE_FILE_BYTES)
    throw failure(
      "FILE_TOO_LARGE",
      `An image may have ${MAX_ISOLATE_FILE_BYTES.toLocaleString("en")} bytes.`,
    );
  return { mediaType, bytes: bytes.buffer };
}

function decode(base64: string, at: string): string {
  try {
    return atob(base64.replace(/\s/g, ""));
  } catch {
    throw failure(
      "INVALID_INPUT",
      `The request's body cannot be used: the image_url of "${at}" is no base64.`,
    );
  }
}
