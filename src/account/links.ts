/** Links that let somebody in. Their secrets are in the fragment, which goes to no server and into no log. */
export type EntryLink = { kind: "join" | "reset"; secret: string };

const LINK_PATH = /^\/(join|reset)\/?$/;

/** The link by which this page was opened; null for any other address. */
export function linkOfPage(): EntryLink | null {
  const kind = LINK_PATH.exec(window.location.pathname)?.[1];
  if (kind !== "join" && kind !== "reset") return null;
  return { kind, secret: window.location.hash.slice(1) };
}

/** An invitation's address, to be sent to somebody. */
export const joinAddress = (secret: string): string => `${window.location.origin}/join#${secret}`;

/** The address by which somebody sets a new password, to be sent to them. */
export const resetAddress = (secret: string): string => `${window.location.origin}/reset#${secret}`;

/** What is asked for is the link; its secret alone does too. */
export const secretOf = (entered: string): string => entered.trim().split("#").at(-1) ?? "";
