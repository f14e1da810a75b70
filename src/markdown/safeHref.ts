const SAFE_PROTOCOLS = new Set(["http:", "https:", "mailto:", "tel:"]);

/** Whether a link of a model may be followed: an address of the web, mail or telephone, or a place in this text. */
export function isSafeHref(href: string): boolean {
  if (href.startsWith("#")) return true;
  try {
    return SAFE_PROTOCOLS.has(new URL(href).protocol);
  } catch {
    // Not absolute: it would point into this app, which no model can mean.
    return false;
  }
}
