/** Invisible, and no part of an address. */
const WORD_JOINER = "\u2060";

/**
 * A diagram's source in which no address can be loaded from: image nodes, styles and sprites of diagrams name addresses, which would be
 * asked for while the diagram is drawn. It reads the same: an invisible character stands in each address.
 */
export const withoutAddresses = (source: string): string =>
  source
    .replace(/\b(https?|wss?|ftp|file|blob|data)(?=:)/gi, `$1${WORD_JOINER}`)
    .replace(/[\\/](?=[\\/][\p{L}\p{N}[])/gu, `$&${WORD_JOINER}`)
    // Escapes of CSS could spell out what was just broken.
    .replace(/\\(?=[0-9a-f]{2})/gi, `$&${WORD_JOINER}`);
