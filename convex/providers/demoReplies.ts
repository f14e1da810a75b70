/** What the demo model says. Each reply follows from the chat alone, so that a broken-off one can be continued. */

export const DEMO_MODEL = { id: "demo", name: "Demo (no model connected)" };

/** `files`: what came with a person's words, each in words of its own. */
export type DemoTurn = { role: "user" | "assistant" | "tool"; text: string; files?: readonly string[] };

/** `tool`: call this first, if it is there; then `text` is what is said with its result. */
export type DemoReply = { text: string; tool?: string };

const CONNECT = `## Connecting a real model

On the page: open *This server*, *Providers*, and add yours. It is used from the next message on.

Or put one of these into a file \`.env.local\` next to \`package.json\` and start Verbatim again:

\`\`\`bash
# OpenAI
OPENAI_API_KEY=sk-…

# or any server with OpenAI's API: Ollama, LM Studio, vLLM, llama.cpp
OPENAI_BASE_URL=http://localhost:11434/v1

# or Anthropic, likewise GOOGLE_GENERATIVE_AI_, OPENROUTER_, XAI_ or DEEPSEEK_API_KEY
ANTHROPIC_API_KEY=sk-ant-…
\`\`\`

| setting | what it does |
|---|---|
| \`OPENAI_API_KEY\` | alone: OpenAI; with a base URL: the key that is sent there |
| \`OPENAI_BASE_URL\` | the address of a compatible server |
| \`OPENAI_MODEL\` | the model that is used unless you choose another |

On a Convex deployment set the same names with \`npx convex env set\`.`;

const INTRODUCTION = `# Welcome to Verbatim

I am the **built-in demo model**. No real model is connected yet, so I only know a few texts by heart, but everything around me is real: this reply is streamed word by word, stored as it arrives, and shown the same in every tab you open.

Here is what Verbatim promises:

1. **Every prompt gets exactly one answer**, however often it is sent.
2. **Every word you saw is kept**, also after a crash or a reload.
3. **Stop means stop**, from any tab or device.
4. **Nothing is ever stuck**: an interrupted reply says so and offers to continue.

Things to try right now:

- Press *Stop* while I am still writing, then *Continue*.
- Reload the page in the middle of this sentence.
- Open a second tab and watch both.
- Send another message while I write, and let it wait in the queue.

${CONNECT}

You can also ask me for **code**, for a **table**, for a **long text**, or **what time it is**.`;

/** Said before every text that is known by heart, so that nobody takes it for a model's answer. */
const ONLY_DEMO = "_I am the demo model: this text is one of a few that I know by heart._";

const CODE = `${ONLY_DEMO} A real model writes the code that you ask for.

Here is a small function, with the highlighting and the copy button that code gets:

\`\`\`ts
/** The first \`count\` Fibonacci numbers. */
export function fibonacci(count: number): number[] {
  const numbers: number[] = [];
  let [a, b] = [0, 1];
  while (numbers.length < count) {
    numbers.push(a);
    [a, b] = [b, a + b];
  }
  return numbers;
}

console.log(fibonacci(10)); // [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
\`\`\``;

const TABLE = `${ONLY_DEMO}

A table, as GitHub's Markdown has them:

| planet | moons | day |
|:--|--:|:--|
| Mercury | 0 | 176 Earth days |
| Venus | 0 | 117 Earth days |
| Earth | 1 | 24 hours |
| Mars | 2 | 24 hours 37 minutes |

And a list of tasks:

- [x] start Verbatim
- [x] send a message
- [ ] connect a real model`;

/** Paragraphs of the long text: enough to stop, leave and come back to. */
const LONG_PARAGRAPHS = 40;

const LONG = [
  `${ONLY_DEMO}\n\n## A long text\n\nThis one goes on for a while, so that there is time to stop it, to leave, and to come back.`,
  ...Array.from(
    { length: LONG_PARAGRAPHS },
    (_, i) =>
      `**Paragraph ${i + 1} of ${LONG_PARAGRAPHS}.** The river that runs past a town is never the same water twice, and yet everyone in the town calls it by one name. Words on a page are like that too: they arrive one after the other, and what has arrived stays where it is.`,
  ),
].join("\n\n");

const THANKS =
  "You are welcome! When you want answers that I do not know by heart, ask me how to **connect a real model**.";

/** Words of a question up to which it may be a wish to see one of the texts; a longer one is about something of its own. */
const MAX_TOPIC_WORDS = 8;

type Topic = { pattern: RegExp; reply: string };

/** Questions about the demo itself: the first that matches. */
const ABOUT_ITSELF: readonly Topic[] = [
  {
    pattern:
      /\b(connect|openai|ollama|lm studio|vllm|api key|real model|(set ?up|install)\b.*\b(model|verbatim))\b/i,
    reply: CONNECT,
  },
  { pattern: /\b(who are you|what are you|what is (this|verbatim)|help)\b/i, reply: INTRODUCTION },
];

/** Wishes: the first that matches what was asked. */
const WISHES: readonly Topic[] = [
  { pattern: /\b(long|essay|story|poem)\b/i, reply: LONG },
  { pattern: /\b(table|list|markdown)\b/i, reply: TABLE },
  { pattern: /\b(code|function|program|script|typescript|javascript|python)\b/i, reply: CODE },
  { pattern: /\b(thanks?|thank you|great|nice)\b/i, reply: THANKS },
];

/** "How does a hash table work?" is no wish for a table. */
const QUESTION = /^\W*(how|why|when|where|who|whose|which|what|do|does|did|is|are|was|were|should|would)\b/i;

/** What it can show, as one asks for it: after each the next ones are offered, so that following them shows everything. */
const OFFERS = [
  "Show me some code",
  "Make a table",
  "Write a long text",
  "What time is it?",
  "How do I connect a real model?",
] as const;

/** Offers made at once. */
const OFFERED = 3;

/** What may be asked next, a line each. */
export function followUpsTo(question: string): string {
  const shown = (text: string) => replyTo([{ role: "user", text }]).text;
  const next = OFFERS.findIndex((offer) => shown(offer) === shown(question)) + 1;
  return [...OFFERS, ...OFFERS].slice(next, next + OFFERED).join("\n");
}

/** Characters of a question that are quoted. */
const QUOTE_CHARS = 200;

export function replyTo(turns: readonly DemoTurn[]): DemoReply {
  const questions = turns.filter((turn) => turn.role === "user");
  const question = questions.at(-1)?.text.trim() ?? "";
  const files = questions.at(-1)?.files ?? [];
  if (files.length > 0) return { text: filesReply(files) };
  const isShort = question.split(/\s+/).length <= MAX_TOPIC_WORDS;
  if (isShort && /\b(what|which|current)\b.*\b(time|date|day)\b/i.test(question)) {
    return { tool: "currentTime", text: timeReply(turns) };
  }
  const topics = QUESTION.test(question) ? ABOUT_ITSELF : [...ABOUT_ITSELF, ...WISHES];
  const topic = isShort ? topics.find(({ pattern }) => pattern.test(question)) : undefined;
  if (topic) return { text: topic.reply };
  if (!isShort) return { text: `${unknownReply(question)}\n\n${CONNECT}` };
  return { text: questions.length <= 1 ? INTRODUCTION : unknownReply(question) };
}

function filesReply(files: readonly string[]): string {
  return `This came with your message:

${files.map((file) => `- ${file}`).join("\n")}

I am only the demo model: I can tell what arrived, but I cannot look into it. A real model gets the whole of each file.

${CONNECT}`;
}

function timeReply(turns: readonly DemoTurn[]): string {
  const result = turns.at(-1);
  const local = result?.role === "tool" ? (/"local":"([^"]*)"/.exec(result.text)?.[1] ?? null) : null;
  if (local === null) {
    return "I have no clock. With `VERBATIM_TOOLS=all` in `.env.local` this server offers tools, and once you have chosen *Date and time* below for this chat, I look it up.";
  }
  return `It is **${local}**. I looked that up with a tool, as a real model would.`;
}

function unknownReply(question: string): string {
  const quote = question.replace(/\s+/g, " ").slice(0, QUOTE_CHARS);
  return `You wrote:

> ${quote}

I am only the demo model, so I cannot answer that, and I will not pretend to. Once a real model is connected, it gets your whole chat and answers here, in the same way.

What I can show you meanwhile: **code**, a **table**, a **long text**, **what time it is**, or **how to connect a real model**. Just ask.`;
}
