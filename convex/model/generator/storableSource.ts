import type { TextStreamPart, ToolSet } from "ai";
import { cutText, wellFormed } from "../../shared/text";
import type { DocumentPart, SourcePart } from "../../shared/parts";
import { NUMBERED } from "../../providers/wire/sources";

/** Characters of an address and a title that are kept. A longer address would lead elsewhere: the source is shown without. */
const MAX_URL_CHARS = 4_096;
const MAX_TITLE_CHARS = 300;

type Source = Extract<TextStreamPart<ToolSet>, { type: "source" }>;
type StorableSource = Omit<SourcePart, "position"> | Omit<DocumentPart, "position">;

/**
 * A source as it is stored; null for one without an address or a name. Its id is its number where the text has numbers, else what it is:
 * providers give each mention of a source another id.
 */
export function storableSource(source: Source): StorableSource | null {
  const title = line(source.title ?? "");
  switch (source.sourceType) {
    case "url": {
      const address = wellFormed(source.url).trim();
      if (address === "") return null;
      const url = address.length <= MAX_URL_CHARS ? address : "";
      const name = title || (url === "" ? line(address) : "");
      const sourceId = source.id.startsWith(NUMBERED) ? source.id : url || name;
      return { type: "source-url", sourceId, url, ...(name !== "" && { title: name }) };
    }
    case "document": {
      const name = title || line(source.filename ?? "");
      if (name === "") return null;
      const mediaType = line(source.mediaType, 100);
      return { type: "source-document", sourceId: name, mediaType, title: name };
    }
    default:
      return source satisfies never;
  }
}

const line = (text: string, length = MAX_TITLE_CHARS): string =>
  cutText(wellFormed(text).replace(/\s+/g, " ").trim(), length);
