import { queryGeneric } from "convex/server";
import { v } from "convex/values";
import { evaluating, thrownBy } from "./evaluate.ts";

/** What `atob` makes of each text, as bytes, or the name of what it throws. */
export const decodeBase64 = queryGeneric({
  args: { texts: v.array(v.string()) },
  handler: (_ctx, { texts }) =>
    texts.map((text) => {
      try {
        const decoded = atob(text);
        return Array.from({ length: decoded.length }, (_, place) => decoded.charCodeAt(place));
      } catch (error) {
        return error instanceof DOMException ? error.name : "not a DOMException";
      }
    }),
});

const STRING = "\x00123ABCabc\x80\xFF\u0100\u1000\uFFFD\uD800\uDC00\uDBFF\uDFFF";
const encode = (text: string) => new TextEncoder().encode(text);
const utf16 = (isLittleEndian: boolean) => {
  const view = new DataView(new ArrayBuffer(STRING.length * 2));
  for (let place = 0; place < STRING.length; place++) {
    view.setUint16(place * 2, STRING.charCodeAt(place), isLittleEndian);
  }
  return new Uint8Array(view.buffer);
};
const OCTETS = { "utf-8": encode(STRING), "utf-16le": utf16(true), "utf-16be": utf16(false) };
/** Decoded in pieces of so many bytes, the last of which ends the stream. */
const inPieces = (encoding: keyof typeof OCTETS, length: number): string => {
  const bytes = OCTETS[encoding];
  const decoder = new TextDecoder(encoding);
  let text = "";
  for (let start = 0; start < bytes.length; start += length) {
    text += decoder.decode(bytes.subarray(start, start + length), { stream: start + length < bytes.length });
  }
  return text;
};
const decode = (bytes: number[], label = "utf-8", options: TextDecoderOptions = {}): string =>
  new TextDecoder(label, options).decode(new Uint8Array(bytes));
const into = (text: string, size: number): unknown[] => {
  const target = new Uint8Array(size);
  const { read, written } = new TextEncoder().encodeInto(text, target);
  return [read, written, target];
};
const loose = (value: unknown): string => value as string;

export const { inQuery: encoding, inMutation: encodingInMutation } = evaluating({
  encode: () => [
    encode(""),
    encode("z¢水𝄞"),
    encode("\ud83d"),
    encode("a\udc00b"),
    (new TextEncoder().encode as () => Uint8Array)(),
  ],
  "encode makes bytes of this world": () =>
    encode("a") instanceof Uint8Array && encode("a").buffer instanceof ArrayBuffer,
  encodeInto: () => [
    into("Hi", 0),
    into("A", 2),
    into("\u{1D306}", 4),
    into("\u{1D306}A", 3),
    into("\ud834A\udf06A¥Hi", 10),
  ],
  "encodeInto something else": () =>
    [new DataView(new ArrayBuffer(1)), new Int8Array(1), new Uint8ClampedArray(1), [], null].map((target) =>
      thrownBy(() => new TextEncoder().encodeInto("", target as never)),
    ),
  defaults: () => {
    const decoder = new TextDecoder();
    return [decoder.encoding, decoder.fatal, decoder.ignoreBOM, new TextEncoder().encoding];
  },
  labels: () =>
    ["UTF-8", " utf8\n", "unicode-1-1-utf-8", "latin1", "ascii", "utf-16", "sjis", "gb2312", "koi"].map(
      (label) => new TextDecoder(label).encoding,
    ),
  "labels that are none": () =>
    ["", "utf-7", "utf-32", "\u00a0utf-8", "utf-8\0", "replacement", "invalid"].map((label) =>
      thrownBy(() => new TextDecoder(label)),
    ),
  "invalid bytes": () =>
    [
      [0xff],
      [0xc0],
      [0xe0],
      [0xc0, 0x00],
      [0xc0, 0x80],
      [0xe0, 0x80, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf0, 0x9f, 0x92],
    ].map((bytes) => decode(bytes)),
  fatal: () =>
    [[0xff], [0xe0, 0x80], [0xed, 0xbf, 0xbf], [0xf0, 0x9f, 0x92]].map((bytes) =>
      thrownBy(() => decode(bytes, "utf-8", { fatal: true })),
    ),
  "fatal is over after an error": () => {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    return [
      decoder.decode(encode("a")),
      thrownBy(() => decoder.decode(new Uint8Array([0xc0]))),
      decoder.decode(encode("b")),
    ];
  },
  "byte order marks": () => [
    decode([0xef, 0xbb, 0xbf, 0x61]),
    decode([0xef, 0xbb, 0xbf, 0x61], "utf-8", { ignoreBOM: true }),
    decode([0xff, 0xfe, 0x61, 0x00], "utf-16le"),
    decode([0xfe, 0xff, 0x00, 0x61], "utf-16be"),
    decode([0xef, 0xbb, 0xbf, 0x61], "utf-16le"),
  ],
  "a byte order mark in pieces": () => {
    const decoder = new TextDecoder();
    const pieces = [[0xef], [0xbb, 0xbf, 0x61], [0xef, 0xbb, 0xbf]];
    return pieces.map((piece, place) => decoder.decode(new Uint8Array(piece), { stream: place < 2 }));
  },
  "in pieces of every length": () =>
    Object.keys(OCTETS).flatMap((encoding) =>
      [1, 2, 3, 4, 5].map((length) => inPieces(encoding as "utf-8", length) === STRING),
    ),
  "invalid pieces": () => {
    const decoder = new TextDecoder();
    const bytes = (...values: number[]) => new Uint8Array(values);
    return [
      decoder.decode(bytes(0xc1), { stream: true }),
      decoder.decode(bytes(0xe0, 0x41), { stream: true }),
      decoder.decode(bytes(0x42)),
      decoder.decode(bytes(0xf0, 0x80), { stream: true }),
      decoder.decode(bytes(0x80)),
      decoder.decode(bytes(0xf0, 0x9f, 0x92), { stream: true }),
      decoder.decode(bytes(0xa9)),
      decoder.decode(bytes(0xf0, 0x9f), { stream: true }),
      decoder.decode(bytes()),
    ];
  },
  "buffers and views": () => {
    const { buffer } = encode("abcd");
    return [
      new TextDecoder().decode(buffer),
      new TextDecoder().decode(new DataView(buffer, 1, 2)),
      new TextDecoder().decode(new Uint16Array(buffer, 2)),
    ];
  },
  "what is no bytes": () =>
    ["a", 1, {}, null].map((value) =>
      thrownBy(() => new TextDecoder().decode(value as unknown as Uint8Array)),
    ),
  "one byte a character": () => [
    decode([0x80, 0x81, 0x9f, 0xff], "windows-1252"),
    decode([0x80, 0xa4], "latin1"),
    decode([0xe0, 0xd1], "koi8-r"),
    decode([0xa4], "iso-8859-15"),
  ],
  "many bytes a character": () => [
    decode([0x82, 0xa0], "shift_jis"),
    decode([0xa4, 0xa2], "euc-jp"),
    decode([0xc4, 0xe3], "gbk"),
    decode([0xa7, 0x41], "big5"),
    decode([0xb0, 0xa1], "euc-kr"),
  ],
  // Convex's own ways.
  "Convex: without bytes nothing happens": () => {
    const decoder = new TextDecoder();
    decoder.decode(new Uint8Array([0xf0, 0x9f, 0x92]), { stream: true });
    return [decoder.decode(), decoder.decode(new Uint8Array([0xa9]))];
  },
  "Convex: an unknown label is a DOMException": () => {
    try {
      return new TextDecoder("nonsense").encoding;
    } catch (error) {
      return [error instanceof DOMException, error instanceof RangeError];
    }
  },
});

export const { inQuery: base64, inMutation: base64InMutation } = evaluating({
  btoa: () =>
    [
      "",
      "a",
      "ab",
      "abc",
      "abcd",
      "\0",
      "\xff\xff\xc0",
      loose(undefined),
      loose(null),
      loose(7),
      loose({ toString: () => "foo" }),
    ].map((text) => btoa(text)),
  "btoa of all bytes": () => atob(btoa(String.fromCharCode(...Array(256).keys()))).length,
  "btoa of what is no byte": () =>
    ["עברית", "\u0100", "💩", "\ud83d"].map((text) => thrownBy(() => btoa(text))),
  "atob of anything": () =>
    [loose(undefined), loose(null), loose(7), loose(12), loose(1.5), loose(true), loose(NaN)].map((text) =>
      thrownBy(() => atob(text)),
    ),
  "an error's code": () => {
    try {
      return atob("=");
    } catch (error) {
      const { name, code, INVALID_CHARACTER_ERR } = error as Record<string, unknown>;
      return [name, code, INVALID_CHARACTER_ERR, DOMException.INVALID_CHARACTER_ERR];
    }
  },
});
