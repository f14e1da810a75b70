/** As much of a hast node as is looked at here. */
interface Node {
  readonly type: string;
  readonly tagName?: string;
  readonly value?: string;
  readonly properties?: Record<string, unknown>;
  children?: Node[];
}

/** What a number in the text stands for; a source without an address has no link. */
export interface CitedSource {
  readonly url?: string;
  readonly title?: string;
}

/** In code a number in brackets is code, in a formula a formula, and a link leads somewhere already. */
const NOT_IN = new Set(["a", "code", "pre", "math", "svg"]);

/** A rehype plugin: `[3]` in the text is a link to the third source, if there is one. */
export const citationLinks =
  ({ sources }: { sources: readonly CitedSource[] }) =>
  (tree: Node): void => {
    if (sources.length > 0) linkIn(tree, sources);
  };

function linkIn(node: Node, sources: readonly CitedSource[]): void {
  if (node.children === undefined || isSetApart(node)) return;
  for (const child of node.children) linkIn(child, sources);
  node.children = node.children.flatMap((child) =>
    child.type === "text" && child.value !== undefined ? linked(child, child.value, sources) : [child],
  );
}

function isSetApart({ tagName, properties }: Node): boolean {
  if (tagName === undefined) return false;
  const classes = properties?.["className"];
  return (
    NOT_IN.has(tagName) ||
    (Array.isArray(classes) && classes.some((name) => /^(math|katex)/.test(String(name))))
  );
}

function linked(node: Node, text: string, sources: readonly CitedSource[]): Node[] {
  const pieces: Node[] = [];
  let end = 0;
  for (const { 0: mark, 1: number, index } of text.matchAll(/\[(\d{1,3})\]/g)) {
    const source = sources[Number(number) - 1];
    if (source?.url === undefined) continue;
    pieces.push({ type: "text", value: text.slice(end, index) });
    const properties = { href: source.url, ...(source.title !== undefined && { title: source.title }) };
    pieces.push({ type: "element", tagName: "a", properties, children: [{ type: "text", value: mark }] });
    end = index + mark.length;
  }
  return end === 0 ? [node] : [...pieces, { type: "text", value: text.slice(end) }];
}
