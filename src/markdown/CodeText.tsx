import { Suspense } from "react";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import { lazyPart } from "../ui/lazyPart.ts";
import styles from "./Markdown.module.css";

const CodeBlock = lazyPart(async () => (await import("./CodeBlock.tsx")).CodeBlock);

/** A finished block of code outside of markdown. Until its part of the page is loaded, and should that fail, it is the same text, plain. */
export function CodeText({ code, language }: { code: string; language: string }) {
  const plain = <pre className={styles.plain}>{code}</pre>;
  return (
    <ErrorBoundary fallback={plain}>
      <Suspense fallback={plain}>
        <CodeBlock code={code} language={language} incomplete={false} />
      </Suspense>
    </ErrorBoundary>
  );
}
