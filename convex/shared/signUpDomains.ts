const DOMAINS = /^domains:(.*)$/;
/** Two labels or more, of letters, digits and hyphens: names of other scripts as the DNS has them (`xn--…`). */
const DOMAIN = /^([a-z0-9-]+\.)+[a-z0-9-]+$/;

/** The e-mail domains of a `VERBATIM_SIGN_UP` such as `domains:example.org,example.net`; null for what is no such setting. */
export function readSignUpDomains(value = ""): string[] | null {
  const [, list] = DOMAINS.exec(value.trim().toLowerCase()) ?? [];
  const domains = list?.split(",").map((domain) => domain.trim().replace(/^@/, "")) ?? [];
  return domains.length > 0 && domains.every((domain) => DOMAIN.test(domain)) ? domains : null;
}
