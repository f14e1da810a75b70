import { isValidElement, type ComponentProps, type ReactNode } from "react";
import { useIsCodeFenceIncomplete, type Components, type ExtraProps } from "streamdown";
import { useText } from "../i18n/catalogue.ts";
import { CodeBlock } from "./CodeBlock.tsx";
import { DiagramBlock } from "./DiagramBlock.tsx";
import { RemoteImage } from "./RemoteImage.tsx";
import { SafeLink } from "./SafeLink.tsx";
import styles from "./Markdown.module.css";

const LANGUAGE = /language-([^\s]+)/;

/** The source text inside a code element, however the renderer has wrapped it. */
function sourceText(node: ReactNode): string {
  if (typeof node === "string") return node;
  if (Array.isArray(node)) return node.map(sourceText).join("");
  return isValidElement<{ children?: ReactNode }>(node) ? sourceText(node.props.children) : "";
}

/** A fenced or indented block: `pre` holding one `code`. */
function Pre({ children }: ComponentProps<"pre"> & ExtraProps) {
  const incomplete = useIsCodeFenceIncomplete();
  if (!isValidElement<{ className?: string; children?: ReactNode }>(children)) return <pre>{children}</pre>;
  const language = LANGUAGE.exec(children.props.className ?? "")?.[1] ?? "";
  const code = sourceText(children.props.children).replace(/\n$/, "");
  if (language === "mermaid" && !incomplete) return <DiagramBlock source={code} />;
  return <CodeBlock code={code} language={language} incomplete={incomplete} />;
}

const Code = ({ children, className }: ComponentProps<"code"> & ExtraProps) => (
  <code className={className}>{children}</code>
);

/** Marks, bars and columns stand on the side where the words begin. */
const UnorderedList = ({ children, className }: ComponentProps<"ul"> & ExtraProps) => (
  <ul className={className} dir="auto">
    {children}
  </ul>
);
const OrderedList = ({ children, className, start }: ComponentProps<"ol"> & ExtraProps) => (
  <ol className={className} dir="auto" start={start}>
    {children}
  </ol>
);
const Quote = ({ children }: ComponentProps<"blockquote"> & ExtraProps) => (
  <blockquote dir="auto">{children}</blockquote>
);

/** A wide table scrolls by itself, also by keyboard, and never widens the page. */
const Table = ({ children }: ComponentProps<"table"> & ExtraProps) => (
  <div className={styles.tableFrame} tabIndex={0} role="group">
    <table dir="auto">{children}</table>
  </div>
);

const Strong = ({ children }: ComponentProps<"strong"> & ExtraProps) => <strong>{children}</strong>;

/** The box of a task list: a mark, not a control. */
function Input({ type, checked }: ComponentProps<"input"> & ExtraProps) {
  const text = useText();
  if (type !== "checkbox") return null;
  return (
    <input type="checkbox" checked={checked} disabled aria-label={checked ? text.taskDone : text.taskOpen} />
  );
}

export const components: Components = {
  a: SafeLink,
  img: RemoteImage,
  pre: Pre,
  code: Code,
  inlineCode: Code,
  strong: Strong,
  input: Input,
  ul: UnorderedList,
  ol: OrderedList,
  blockquote: Quote,
  table: Table,
};
