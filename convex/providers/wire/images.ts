import { asArray, asRecord, asText, type JsonRecord } from "./json";

/** A picture that a model made, as a chunk carries it that was made anew. */
export type MadeImage = { mediaType: string; base64: string };

/** Pictures of one request that are read. */
const MAX_IMAGES = 16;

/** A picture inside an address (RFC 2397). Only what is at hand is kept: an address elsewhere is gone tomorrow. */
const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+);base64,/;

/** Collects the pictures of a stream (OpenRouter, Gemini behind LiteLLM): each once, also where the whole message repeats it. */
export class ImageReader {
  readonly #seen = new Set<string>();

  read(choice: JsonRecord | null): MadeImage[] {
    const words = [asRecord(choice?.delta), asRecord(choice?.message)];
    return words
      .flatMap((said) => [...asArray(said?.images), ...asArray(said?.content)])
      .map(asRecord)
      .flatMap((image) => {
        const url = asText(asRecord(image?.image_url)?.url ?? image?.image_url);
        const mediaType = url === null ? undefined : DATA_URL.exec(url)?.[1];
        if (url === null || mediaType === undefined || this.#seen.has(url)) return [];
        if (this.#seen.size >= MAX_IMAGES) return [];
        this.#seen.add(url);
        return [{ mediaType, base64: url.slice(url.indexOf(",") + 1) }];
      });
  }
}
