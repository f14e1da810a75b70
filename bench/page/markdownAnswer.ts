/** Markdown as models write it: every kind of block, in sections that differ, so that nothing is cached by luck. */

const PARAGRAPH =
  "A hash table keeps **pairs of key and value** in an array. The key goes through a function whose result is a place " +
  "in that array, so finding a value needs no search; see [the details](https://example.org/tables). Two keys may meet " +
  "in one place, and *what is done then* decides how the table behaves when it is nearly full.";

function section(number: number): string {
  return [
    `## ${number}. What case ${number} shows`,
    PARAGRAPH,
    `- First, \`insert(key, ${number})\` looks for the place.\n- Then it compares the keys it finds there.\n  - Equal: the value is replaced.\n  - Different: it goes on.\n- [x] The table grows when it is ${50 + (number % 40)} % full.`,
    "```ts\n" +
      `/** Puts a value where its key belongs. Case ${number}. */\n` +
      `export function insert${number}<K, V>(table: Table<K, V>, key: K, value: V): void {\n` +
      "  const start = table.hash(key) % table.slots.length;\n" +
      "  for (let step = 0; step < table.slots.length; step++) {\n" +
      "    const slot = table.slots[(start + step) % table.slots.length];\n" +
      "    if (slot === undefined || slot.key === key) {\n" +
      "      table.slots[(start + step) % table.slots.length] = { key, value };\n" +
      "      return;\n" +
      "    }\n" +
      "  }\n" +
      `  throw new Error(\`No room for \${String(key)} in case ${number}\`);\n` +
      "}\n```",
    `| way | lookups | memory |\n|---|---:|---:|\n| chaining | ${number + 1}.2 | high |\n| open addressing | ${number}.8 | low |\n| cuckoo | 2 | middle |`,
    `> Case ${number}: measure with *your* keys, not with random ones.`,
    `1. Choose the hash.\n2. Choose the load, here ${number}0 %.\n3. Measure.`,
  ].join("\n\n");
}

/** About `bytes` characters of it: whole sections, then as much of one more as fits. */
export function markdownAnswer(bytes: number): string {
  let text = "";
  for (let number = 1; text.length < bytes; number++) text += `${section(number)}\n\n`;
  return text.slice(0, bytes);
}
