import { api } from "../../../convex/_generated/api";
import { formatBytes } from "../../../convex/shared/files";
import { pageLocale } from "../../lib/pageLocale.ts";
import { useViewerQuery } from "../../session/session.ts";
import { numberOf } from "../format.ts";
import styles from "../Owner.module.css";
import { useOwnerTexts } from "../ownerTexts.ts";

/** The limits in force, and where they are set. */
export function LimitsSection() {
  const text = useOwnerTexts();
  const limits = useViewerQuery(api.people.limits, {});
  if (limits === undefined) return <p className={styles.hint}>{text.loading}</p>;
  return (
    <>
      <p className={styles.hint}>{text.limitsHint}</p>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{text.limit}</th>
            <th scope="col">{text.value}</th>
          </tr>
        </thead>
        <tbody>
          {limits.map(({ variable, unit, value, isSet }) => (
            <tr key={variable}>
              <th scope="row">
                {text.limits[variable] ?? variable}
                <code>{variable}</code>
              </th>
              <td>
                {text.units[unit](unit === "bytes" ? formatBytes(value, pageLocale()) : numberOf(value))}
                {isSet && <code>{text.isSet}</code>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
