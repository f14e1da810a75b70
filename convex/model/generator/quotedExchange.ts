/** How a prompt and its answer stand in a question about them, apart from the question's own words. */

export const quoteExchange = ({ prompt, answer }: { prompt: string; answer: string }): string =>
  `<user>\n${prompt}\n</user>\n\n<assistant>\n${answer}\n</assistant>`;

/** The prompt in a quoted exchange. */
export const promptInQuote = (quoted: string): string => /^<user>\n([^]*?)\n<\/user>/.exec(quoted)?.[1] ?? "";
