import type { SharedValue } from "./sharedValue.ts";

/** Which tab has just signed in without a question, and when. */
export interface SignInMark {
  readonly tab: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** ms for which a session that another tab has stored may be on its way to this one: a busy machine takes seconds. */
const ON_ITS_WAY_MS = 10_000;

/** ms between two looks. */
const LOOK_MS = 50;

const THIS_TAB = crypto.getRandomValues(new Uint32Array(4)).join("-");

/** To be called once a session is stored, before another tab may look. */
export async function markSignIn(
  opened: Promise<SharedValue<SignInMark> | null>,
  tab = THIS_TAB,
): Promise<void> {
  await change(opened, () => ({ tab, at: Date.now() }));
}

/**
 * Whether there is a session. The lock under which tabs sign in passes on at once, while what was written to `localStorage` reaches them a moment
 * later: a tab that trusted only what it sees would sign in once more, as another guest, and the first one's chats would be lost to both. [G14]
 * So one that another tab has just made is waited for.
 */
export async function findSession(
  isStored: () => boolean,
  opened: Promise<SharedValue<SignInMark> | null>,
  tab = THIS_TAB,
): Promise<boolean> {
  let mark: SignInMark | null = null;
  await change(opened, (value) => (mark = value));
  const until = waitUntil(mark, tab);
  while (!isStored() && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  return isStored();
}

/** ms since the epoch. A mark of the future is from a clock that has been put back. */
function waitUntil(mark: SignInMark | null, tab: string): number {
  if (mark === null || mark.tab === tab || mark.at > Date.now()) return 0;
  return mark.at + ON_ITS_WAY_MS;
}

/** Where the browser keeps nothing, nor does it keep sessions that tabs could share. */
async function change(
  opened: Promise<SharedValue<SignInMark> | null>,
  next: (value: SignInMark | null) => SignInMark | null,
): Promise<void> {
  const store = await opened;
  await store?.change(next).catch(() => undefined);
  store?.close();
}
