/**
 * What a tool server's page has sent the person back to `/connected` with: the query of the address, which is taken out of it at once. Null at any other
 * address. Called before the page is rendered: the session's library would take a `code` for one of its own.
 */
export function takeSignInReturn(): string | null {
  const { pathname, search } = window.location;
  if (pathname.replace(/\/$/, "") !== "/connected") return null;
  window.history.replaceState(null, "", pathname);
  return search;
}
