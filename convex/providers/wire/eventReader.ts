import { parseJson } from "./json";

/** One thing that a model server's stream says. */
export type ServerEvent =
  | { kind: "value"; value: unknown }
  /** `data: [DONE]` */
  | { kind: "done" }
  | { kind: "malformed"; text: string };

/** Characters that are kept of lines which belong to no event. */
const MAX_STRAY_CHARS = 500;

/** Characters of one event: a server that never ends one must not fill the memory. */
const MAX_EVENT_CHARS = 16 * 1024 * 1024;

/**
 * Reads server-sent events from bytes, split anywhere, as the HTML standard has them (section 9.2.6: BOM, CR, LF and CRLF, comments,
 * `data` of several lines), and what model servers send besides:
 * - a last event without an empty line after it, and events with a single line end between them;
 * - `error: {…}`, which llama.cpp sent until late in 2025, and `event: error`;
 * - JSON without a field name, on one line or many: a plain reply, or an error that a proxy passes on as it came.
 */
export class EventReader {
  readonly #decoder = new TextDecoder();
  /** A line that is not complete. */
  #line = "";
  #endedWithCr = false;
  #name = "";
  #data: string[] = [];
  #dataChars = 0;
  /** Lines of JSON that stand alone, while they make no value. */
  #bare: string[] | null = null;
  #bareChars = 0;
  /** The beginning of what belongs to no event, such as a page of HTML. */
  stray = "";

  push(bytes: Uint8Array): ServerEvent[] {
    return this.#lines(this.#decoder.decode(bytes, { stream: true }));
  }

  /** After the last byte. */
  end(): ServerEvent[] {
    const events = this.#lines(this.#decoder.decode());
    if (this.#line !== "") events.push(...this.#take(this.#line));
    this.#line = "";
    return [...events, ...this.#dispatch(), ...this.#endOfBare()];
  }

  #lines(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    let begin = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const isLf = code === 10;
      if (!isLf && code !== 13) {
        this.#endedWithCr = false;
        continue;
      }
      // The second half of CRLF.
      if (isLf && this.#endedWithCr) begin = at + 1;
      else {
        events.push(...this.#take(this.#line + text.slice(begin, at)));
        this.#line = "";
        begin = at + 1;
      }
      this.#endedWithCr = !isLf;
    }
    this.#line += text.slice(begin);
    if (this.#line.length > MAX_EVENT_CHARS) throw new Error("The model's server sent an endless line.");
    return events;
  }

  #take(line: string): ServerEvent[] {
    if (this.#bare !== null) return this.#takeBare(line);
    if (line.trim() === "") return this.#dispatch();
    if (line.startsWith(":")) return [];
    const colon = line.indexOf(":");
    const field = colon === -1 ? line.trim() : line.slice(0, colon).trim();
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    switch (field) {
      case "data":
        this.#data.push(value);
        this.#dataChars += value.length;
        if (this.#dataChars > MAX_EVENT_CHARS) throw new Error("The model's server sent an endless event.");
        return [];
      case "event":
        this.#name = value.trim();
        return [];
      case "error":
        return [...this.#dispatch(), { kind: "value", value: { error: parseJson(value) ?? value } }];
      case "id":
      case "retry":
        return [];
      default:
        return this.#takeUnframed(line);
    }
  }

  /** A line without a field that is known. */
  #takeUnframed(line: string): ServerEvent[] {
    const text = line.trim();
    if (/^[[{]/.test(text)) {
      const value = parseJson(text);
      const before = this.#dispatch();
      if (value !== undefined) return [...before, { kind: "value", value }];
      this.#bare = [line];
      this.#bareChars = line.length;
      return before;
    }
    if (isCutOff(text)) return [];
    this.stray = (this.stray === "" ? text : `${this.stray}\n${text}`).slice(0, MAX_STRAY_CHARS);
    return [];
  }

  #takeBare(line: string): ServerEvent[] {
    // It was no JSON after all, or it was cut off.
    if (/^(data|event):/.test(line)) return [...this.#endOfBare(), ...this.#take(line)];
    this.#bare?.push(line);
    this.#bareChars += line.length;
    if (this.#bareChars > MAX_EVENT_CHARS) throw new Error("The model's server sent an endless reply.");
    // Only such a line can be the last one of a value.
    return /^[\]}]/.test(line) && parseJson(this.#bare?.join("\n") ?? "") !== undefined
      ? this.#endOfBare()
      : [];
  }

  #endOfBare(): ServerEvent[] {
    if (this.#bare === null) return [];
    const text = this.#bare.join("\n");
    this.#bare = null;
    const value = parseJson(text);
    return [value === undefined ? { kind: "malformed", text } : { kind: "value", value }];
  }

  #dispatch(): ServerEvent[] {
    const [data, name] = [this.#data, this.#name];
    this.#data = [];
    this.#dataChars = 0;
    this.#name = "";
    const whole = readData(data.join("\n"), name);
    if (whole?.kind !== "malformed" || data.length === 1) return whole === null ? [] : [whole];
    // Several events with a single line end between them.
    const single = data.map((line) => readData(line, name)).filter((event) => event !== null);
    return single.some(({ kind }) => kind === "malformed") ? [whole] : single;
  }
}

/** The beginning of a field or of a character, where the stream was cut. */
const isCutOff = (text: string): boolean =>
  /^\uFFFD*$/.test(text) || ["data", "event", "error", "retry", "id"].some((field) => field.startsWith(text));

/** Null for an event without data, which some servers send as a sign of life. */
function readData(data: string, name: string): ServerEvent | null {
  // Some proxies put a second field name before the first.
  const text = data.trim().replace(/^(data:\s*)+/, "");
  if (text === "") return null;
  if (/^"?\[?done\]?"?$/i.test(text)) return { kind: "done" };
  const value = parseJson(text);
  if (value === undefined)
    return name === "error" ? { kind: "value", value: { error: text } } : { kind: "malformed", text };
  const isBareError = name === "error" && !(typeof value === "object" && value !== null && "error" in value);
  return { kind: "value", value: isBareError ? { error: value } : value };
}
