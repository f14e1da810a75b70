"use node";

import type { ReadPage } from "../../../tools/ownTool";
import { cutText, wellFormed } from "../../../shared/text";
import type { Network } from "./checkedRequest";
import { publicFetch, type Fetched } from "./publicFetch";
import { readableText } from "./readableText";

/** Characters of a page's text that a model is given. */
const MAX_TEXT_CHARS = 40_000;

const MAX_TITLE_CHARS = 300;

const typeOf = (contentType: string): string => contentType.split(";")[0]?.trim().toLowerCase() ?? "";

const isHtml = (type: string): boolean => type === "text/html" || type === "application/xhtml+xml";

const isText = (type: string): boolean =>
  type.startsWith("text/") || /^application\/(?:.+\+)?(?:json|xml|yaml|x-yaml|javascript)$/.test(type);

/** A page of the public web as text. Errors: those of `publicFetch`. */
export async function readWebPage(
  address: string,
  signal: AbortSignal,
  network?: Network,
): Promise<ReadPage> {
  const fetched = await publicFetch(address, {
    signal,
    accepts: (contentType) => isHtml(typeOf(contentType)) || isText(typeOf(contentType)),
    ...(network && { network }),
  });
  const decoded = wellFormed(decode(fetched));
  const { title, text } = isHtml(typeOf(fetched.contentType))
    ? readableText(decoded, fetched.url)
    : { title: "", text: decoded };
  return {
    url: fetched.url,
    title: cutText(title, MAX_TITLE_CHARS),
    text: cutText(text, MAX_TEXT_CHARS),
    isCut: fetched.isCut || text.length > MAX_TEXT_CHARS,
  };
}

/** How far into a page its encoding is looked for, as browsers do. */
const PRESCAN_BYTES = 1_024;

/** By the encoding that the server names, or the page itself, or else as UTF-8. */
function decode({ contentType, bytes }: Fetched): string {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, PRESCAN_BYTES));
  const label =
    /charset\s*=\s*["']?([\w-]+)/i.exec(contentType)?.[1] ??
    /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(head)?.[1] ??
    /^<\?xml[^>]+encoding\s*=\s*["']([\w-]+)/i.exec(head)?.[1];
  return decoderFor(label).decode(bytes);
}

function decoderFor(label = "utf-8"): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}
