import type { DocumentPart, SourcePart } from "../../convex/shared/parts";
import { useText } from "../i18n/catalogue.ts";
import { SafeLink } from "../markdown/SafeLink.tsx";
import styles from "./Sources.module.css";

/** The sources of an answer, by the numbers that its text gives them. */
export function Sources({ sources }: { sources: readonly (SourcePart | DocumentPart)[] }) {
  const text = useText();
  return (
    <section className={styles.sources} aria-label={text.sources}>
      <h3 className={styles.heading}>{text.sources}</h3>
      <ol>
        {sources.map((source) => (
          <li key={source.position} dir="auto">
            {source.type === "source-url" ? (
              <SafeLink href={source.url}>{source.title ?? source.url}</SafeLink>
            ) : (
              source.title
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
