/** The browser's own variety of the page's language: it knows the order of day and month, and how many hours a day has. */
export function pageLocale(): string {
  const { lang } = document.documentElement;
  return navigator.languages.find((tag) => tag.startsWith(lang)) ?? lang;
}
