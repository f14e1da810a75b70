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

/** Messages in one page of `messages.list`. With `MAX_INLINE_CHARS` it bounds what one query reads. */
export const MAX_PAGE_ITEMS = 50;

/** Chunk rows in one call of `streamingResponses.listChunks`. */
export const MAX_CHUNKS_PER_READ = 256;
