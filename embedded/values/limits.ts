/** What Convex allows of values and names. The numbers are those of its backend (`crates/value`, `crates/common`). */

/** Levels of arrays and objects in any value. */
export const MAX_NESTING = 64;
/** Levels in a document: less, so that it stays a valid value wherever it is wrapped. */
export const MAX_DOCUMENT_NESTING = 16;
export const MAX_ARRAY_LENGTH = 8192;
export const MAX_OBJECT_FIELDS = 1024;
/** Characters. */
export const MAX_FIELD_NAME_LENGTH = 1024;
/** Bytes of a document as `valueSize` counts them (1 MiB). */
export const MAX_DOCUMENT_SIZE = 1 << 20;
/** Characters of the name of a table or an index. */
export const MAX_IDENTIFIER_LENGTH = 64;
