import type { Catalogue } from "../i18n/catalogue.ts";
import type { Models } from "./models.ts";

/** What is known of a model, in one line: "200K · images · PDF · reasoning · $3 / $15". Empty where nothing is. */
export function modelFacts(
  { contextLength, images, pdf, reasoning, prices }: Models["models"][number],
  text: Catalogue,
): string {
  const { facts } = text;
  return [
    contextLength === undefined ? null : tokens(contextLength),
    images === true ? facts.images : null,
    pdf === true ? "PDF" : null,
    reasoning === true ? facts.reasoning : null,
    prices === undefined ? null : priceOf(prices, facts.free),
  ]
    .filter((fact) => fact !== null)
    .join(" · ");
}

const THOUSAND = 1_000;
const MILLION = 1_000_000;

/** "128K", "1M": as the field writes it, of 131,072 too. */
function tokens(count: number): string {
  if (count >= MILLION * 0.95) return `${Number((count / MILLION).toFixed(1))}M`;
  return count < THOUSAND ? String(count) : `${Math.round(count / THOUSAND)}K`;
}

/** Dollars for a million tokens in and out. */
function priceOf({ input, output }: { input: number; output: number }, free: string): string {
  return input === 0 && output === 0 ? free : `$${dollars(input)} / $${dollars(output)}`;
}

/** "3", "1.50", "0.075": cents have two digits, or what they need. */
function dollars(amount: number): string {
  const plain = String(Number(amount.toFixed(amount < 1 ? 3 : 2)));
  return /\.\d$/.test(plain) ? `${plain}0` : plain;
}
