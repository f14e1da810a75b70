/** Limits that the page shows and the functions enforce. */

/** Characters in one prompt. A prompt is one document (1 MiB at most) and may need three bytes a character. */
export const MAX_PROMPT_CHARS = 100_000;

/** Characters in a chat's title. */
export const MAX_TITLE_CHARS = 200;

/** Characters of a person's instructions, for all chats or for one. Each goes to the model with every prompt. */
export const MAX_INSTRUCTIONS_CHARS = 4_000;

/** Prompts waiting in one chat. Enough for a person; few enough to renumber in one mutation. */
export const MAX_QUEUED_PROMPTS = 50;

/** Variants of one prompt or answer. */
export const MAX_VARIANTS = 64;

/** Characters of a `clientMessageId` (a UUID has 36). */
export const MAX_CLIENT_ID_CHARS = 128;

/** Characters of a model's id. */
export const MAX_MODEL_ID_CHARS = 200;

/** Providers that the owner's page may add: every send reads them. */
export const MAX_ADDED_PROVIDERS = 20;

/** Models that one prompt may be given to at once, side by side. */
export const MIN_COMPARED = 2;
export const MAX_COMPARED = 4;

/** Messages in one page of `messages.list`. With `MAX_INLINE_CHARS` it bounds what one query reads. */
export const MAX_PAGE_ITEMS = 50;

/** Chunk rows in one call of `streamingResponses.listChunks`. */
export const MAX_CHUNKS_PER_READ = 256;

export const MEBIBYTE = 1024 * 1024;

/** Files in one prompt: more is a folder, and no model reads it as a prompt. */
export const MAX_PROMPT_FILES = 10;

/** Bytes of one file by its kind: what the large providers take. A text file is read as text, a million characters at most. */
export const MAX_IMAGE_BYTES = 10 * MEBIBYTE;
export const MAX_PDF_BYTES = 20 * MEBIBYTE;
export const MAX_TEXT_FILE_BYTES = MEBIBYTE;

/**
 * Bytes of all files in one prompt. Each run holds them in memory, several times (as bytes, as base64, as the request), in an
 * action that has 512 MB.
 */
export const MAX_PROMPT_FILE_BYTES = 25 * MEBIBYTE;

/** Files that wait in one chat's draft: those of a prompt that is still on its way, and those of the next. */
export const MAX_DRAFT_FILES = 3 * MAX_PROMPT_FILES;

/** Characters of a file's name. */
export const MAX_FILENAME_CHARS = 200;

/** Characters of a password. */
export const MIN_PASSWORD_CHARS = 10;
export const MAX_PASSWORD_CHARS = 500;
