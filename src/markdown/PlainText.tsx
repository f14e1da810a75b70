import styles from "./Markdown.module.css";

export const PlainText = ({ text }: { text: string }) => (
  <div className={styles.markdown}>
    <p className={styles.plain}>{text}</p>
  </div>
);
