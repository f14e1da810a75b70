import { useTextsOf } from "../../i18n/catalogue.ts";

const EN = {
  explanation:
    "What models may cost in a calendar month (UTC). Dollars apply to models with a known price, tokens to those of your own servers without one. A reply is refused before it would go beyond a budget. What people pay with their own keys does not count.",
  ownerOnly: "Only the owner can change budgets.",
  soFar: (amount: string) => `This month so far: ${amount}`,
  spent: (amount: string) => `${amount} this month`,
  server: "Everybody together",
  eachPerson: "Each person",
  ownBudget: "Budget of this person",
  units: { dollars: "Dollars", tokens: "Tokens without a price" },
  noLimit: "No limit",
  limitOf: (amount: string) => `of ${amount}`,
  own: "own budget",
  tokens: (count: string) => `${count} tokens`,
  setHere: "Set here, which takes precedence over the VERBATIM_BUDGET_… variables.",
  setByEnvironment: "From the VERBATIM_BUDGET_… variables, until it is set here.",
  reset: "Back to the variables",
  save: "Save",
  change: "Change",
  changeThatOf: (person: string) => `Change: budget of ${person}`,
  cancel: "Cancel",
  asEverybody: "Same as everybody",
  people: "People",
  others: (amount: string) => `Guests and people who were deleted: ${amount}`,
  loading: "Loading…",
  failed: "What was spent could not be loaded.",
};

type BudgetTexts = typeof EN;

const DE: BudgetTexts = {
  explanation:
    "Was Modelle in einem Kalendermonat (UTC) kosten dürfen. Dollar gelten für Modelle mit bekanntem Preis, Tokens für die Ihrer eigenen Server ohne Preis. Eine Antwort wird abgelehnt, bevor sie ein Budget überschreitet. Was jemand mit einem eigenen Schlüssel bezahlt, zählt nicht.",
  ownerOnly: "Nur der Eigentümer kann Budgets ändern.",
  soFar: (amount) => `Bisher in diesem Monat: ${amount}`,
  spent: (amount) => `${amount} in diesem Monat`,
  server: "Alle zusammen",
  eachPerson: "Jede Person",
  ownBudget: "Budget dieser Person",
  units: { dollars: "Dollar", tokens: "Tokens ohne Preis" },
  noLimit: "Keine Grenze",
  limitOf: (amount) => `von ${amount}`,
  own: "eigenes Budget",
  tokens: (count) => `${count} Tokens`,
  setHere: "Hier festgelegt, was Vorrang vor den Variablen VERBATIM_BUDGET_… hat.",
  setByEnvironment: "Aus den Variablen VERBATIM_BUDGET_…, bis hier etwas festgelegt wird.",
  reset: "Zurück zu den Variablen",
  save: "Speichern",
  change: "Ändern",
  changeThatOf: (person) => `Ändern: Budget von ${person}`,
  cancel: "Abbrechen",
  asEverybody: "Wie alle",
  people: "Personen",
  others: (amount) => `Gäste und gelöschte Personen: ${amount}`,
  loading: "Wird geladen …",
  failed: "Der Verbrauch konnte nicht geladen werden.",
};

/** The texts of budgets in the page's language. */
export const useBudgetTexts = (): BudgetTexts => useTextsOf({ en: EN, de: DE });
