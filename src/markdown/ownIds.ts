/** As much of a hast node as is looked at here. */
interface Node {
  readonly type: string;
  readonly properties?: Record<string, unknown>;
  readonly children?: readonly Node[];
}

/**
 * A rehype plugin that makes a text's ids its own: each message numbers its footnotes from 1, and HTML of a model may hold the id
 * of anything on the page. `prefix` is put before every id, and before what refers to one.
 */
export const ownIds =
  ({ prefix }: { prefix: string }) =>
  (tree: Node): void =>
    prefixIds(tree, prefix);

function prefixIds({ properties, children }: Node, prefix: string): void {
  if (properties !== undefined) {
    const { id, href } = properties;
    if (typeof id === "string") properties["id"] = prefix + id;
    if (typeof href === "string" && href.startsWith("#")) properties["href"] = `#${prefix}${href.slice(1)}`;
    for (const name of ["ariaDescribedBy", "ariaLabelledBy"]) {
      const ids = properties[name];
      if (Array.isArray(ids)) properties[name] = ids.map((one) => prefix + String(one));
    }
  }
  for (const child of children ?? []) prefixIds(child, prefix);
}
