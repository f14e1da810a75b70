import { failure } from "../../shared/errors";
import { MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS } from "../../shared/limits";

const MAX_LOGIN_CHARS = 200;

/** A user name or an e-mail address, as it is compared. Errors: INVALID_INPUT. */
export function loginOf(text: string): string {
  const login = text.normalize("NFKC").trim().toLowerCase();
  if (login === "" || login.length > MAX_LOGIN_CHARS || /\s/.test(login))
    throw failure("INVALID_INPUT", "A user name has 1 to 200 characters and no spaces.");
  return login;
}

/** Controls and characters that nobody sees: with one of them a name looks like somebody else's. */
const UNSEEN = /[\p{Cc}\p{Cf}]/u;

/** The same for a new account. Errors: INVALID_INPUT. */
export function newLoginOf(text: string): string {
  const login = loginOf(text);
  if (UNSEEN.test(login)) throw failure("INVALID_INPUT", "A user name has letters that can be seen only.");
  return login;
}

/** Errors: WEAK_PASSWORD. Length is what counts (NIST SP 800-63B): no rules about kinds of characters. */
export function checkPassword(password: string): void {
  if (password.length < MIN_PASSWORD_CHARS || password.length > MAX_PASSWORD_CHARS)
    throw failure("WEAK_PASSWORD", `A password has at least ${MIN_PASSWORD_CHARS} characters.`);
}
