import type { Turn } from "./readCompletion";

/** What a conversation is known again by: all that was said in it, with its pictures. */
export async function conversationDigest(system: string, turns: readonly Turn[]): Promise<string> {
  const said = await Promise.all(
    turns.map(async ({ role, text, images }) => [
      role,
      text,
      await Promise.all(images.map(({ bytes }) => sha256(bytes))),
    ]),
  );
  return await sha256(new TextEncoder().encode(JSON.stringify([system, said])));
}

async function sha256(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
