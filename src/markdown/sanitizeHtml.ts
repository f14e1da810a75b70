import { defaultRehypePlugins, type StreamdownProps } from "streamdown";

type RehypePlugins = NonNullable<StreamdownProps["rehypePlugins"]>;

/** As much of hast-util-sanitize's schema as is changed here. */
interface Schema {
  readonly tagNames?: readonly string[];
  readonly attributes?: Readonly<Record<string, readonly unknown[]>>;
}

/** Elements that choose what an image loads: images of a model are links. */
const LOADING = new Set(["picture", "source"]);

/**
 * Attributes that any element may have: what sets text and tables. Not `name`, `for` and others that refer to what is on the page, nor
 * `accesskey` and `tabindex`, which are the page's own affair.
 */
const EVERYWHERE = [
  ...["abbr", "align", "alt", "checked", "colSpan", "dateTime", "dir", "height", "id", "lang", "open"],
  ...["rowSpan", "scope", "span", "start", "title", "vAlign", "value", "width"],
];

const parseHtml = defaultRehypePlugins["raw"];

/** HTML in markdown is parsed, and reduced to elements that neither load, run nor style anything. */
export const sanitizeHtml: RehypePlugins = [
  ...[parseHtml].filter((plugin) => plugin !== undefined),
  ...withOwnSchema(defaultRehypePlugins["sanitize"]),
];

const withoutHtml = new WeakMap<RehypePlugins, RehypePlugins>();

/**
 * `plugins` as a block of markdown needs them. The parser of HTML writes and reads the whole block once more, which is a quarter of what
 * rendering it costs; few blocks hold any HTML.
 */
export function pluginsFor(block: string, plugins: RehypePlugins): RehypePlugins {
  if (block.includes("<")) return plugins;
  const known = withoutHtml.get(plugins);
  if (known !== undefined) return known;
  const fewer = plugins.filter((plugin) => plugin !== parseHtml);
  withoutHtml.set(plugins, fewer);
  return fewer;
}

function withOwnSchema(plugin: RehypePlugins[number] | undefined): RehypePlugins {
  if (!Array.isArray(plugin))
    throw new Error("Streamdown's sanitizer is not as it was: HTML must not go through");
  const [sanitize, schema] = plugin as [(schema: Schema) => () => undefined, Schema];
  const { source: _, ...attributes } = schema.attributes ?? {};
  const own: Schema = {
    ...schema,
    tagNames: schema.tagNames?.filter((name) => !LOADING.has(name)) ?? [],
    attributes: { ...attributes, img: ["src"], "*": EVERYWHERE },
  };
  // With the schema as an option, the renderer would write it out as JSON at each rendering to find what it has prepared.
  return [
    function sanitizeByOwnSchema() {
      return sanitize(own);
    },
  ];
}
