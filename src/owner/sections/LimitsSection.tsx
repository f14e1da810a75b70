import type { FunctionReturnType } from "convex/server";
import { api } from "../../../convex/_generated/api";
import { useViewerQuery } from "../../session/session.ts";
import styles from "../Owner.module.css";
import { useOwnerTexts } from "../ownerTexts.ts";
import { LIMIT_GROUPS, LIMITS_OF } from "./limitGroups.ts";
import { LimitRow } from "./LimitRow.tsx";
import { useLimitsTexts } from "./limitsTexts.ts";

export type Limit = FunctionReturnType<typeof api.people.limits>[number];

/** The limits in force, what says so, and for the owner a way to set them. */
export function LimitsSection() {
  const text = useLimitsTexts();
  const { loading, ownerOnly } = useOwnerTexts();
  const me = useViewerQuery(api.accounts.me, {});
  const limits = useViewerQuery(api.people.limits, {});
  if (limits === undefined || me === undefined) return <p className={styles.hint}>{loading}</p>;
  const isOwner = me.role === "owner";
  return (
    <>
      <p className={styles.hint}>{text.hint}</p>
      {!isOwner && <p className={styles.hint}>{ownerOnly}</p>}
      {LIMIT_GROUPS.map((group) => (
        <section key={group} className={styles.group}>
          <h3 className={styles.subtitle}>{text.groups[group]}</h3>
          <ul className={styles.list}>
            {limits
              .filter(({ name }) => LIMITS_OF[group].includes(name))
              .map((limit) => (
                <LimitRow key={limit.name} limit={limit} group={text.groups[group]} isOwner={isOwner} />
              ))}
          </ul>
        </section>
      ))}
    </>
  );
}
