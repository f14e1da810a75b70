import type { Part } from "../../convex/shared/parts";
import { useText } from "../i18n/catalogue.ts";
import { SafeLink } from "../markdown/SafeLink.tsx";
import styles from "./Sources.module.css";

/** The sources of an answer. */
export function Sources({ parts }: { parts: readonly Part[] }) {
  const text = useText();
  const sources = parts.filter((part) => part.type === "source-url");
  if (sources.length === 0) return null;
  return (
    <section className={styles.sources} aria-label={text.sources}>
      <h3 className={styles.heading}>{text.sources}</h3>
      <ol>
        {sources.map((source) => (
          <li key={source.position}>
            <SafeLink href={source.url}>{source.title ?? source.url}</SafeLink>
          </li>
        ))}
      </ol>
    </section>
  );
}
