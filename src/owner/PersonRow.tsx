import { useMutation } from "convex/react";
import { Ellipsis } from "lucide-react";
import { api } from "../../convex/_generated/api";
import { reportFailure } from "../app/failures.ts";
import { IconButton } from "../ui/IconButton.tsx";
import { Menu, type MenuEntry } from "../ui/Menu.tsx";
import { dateOf, timeOf } from "./format.ts";
import styles from "./Owner.module.css";
import { useOwnerTexts } from "./ownerTexts.ts";
import { nameOf, type Person } from "./person.ts";

/** Somebody with an account, and what may be done about it: by the owner to all others, by admins to members. */
export function PersonRow({
  person,
  isOwner,
  onDelete,
  onResetLink,
}: {
  person: Person;
  isOwner: boolean;
  onDelete: () => void;
  onResetLink: () => void;
}) {
  const text = useOwnerTexts();
  const setRole = useMutation(api.accounts.setRole);
  const setDisabled = useMutation(api.people.setDisabled);
  const { userId, role, login, since, lastUsedAt, disabledAt } = person;
  const name = nameOf(person, text);
  const mayDecide = role !== "owner" && (isOwner || role === "member");
  const report = (call: Promise<unknown>) => void call.catch(reportFailure);
  const other = role === "admin" ? "member" : "admin";
  const entries: MenuEntry[] = [
    ...(isOwner
      ? [
          {
            kind: "item",
            label: other === "admin" ? text.makeAdmin : text.makeMember,
            onSelect: () => report(setRole({ userId, role: other })),
          } as const,
        ]
      : []),
    ...(login === null ? [] : [{ kind: "item", label: text.resetLink, onSelect: onResetLink } as const]),
    {
      kind: "item",
      label: disabledAt === null ? text.disable : text.enable,
      onSelect: () => report(setDisabled({ userId, disabled: disabledAt === null })),
    },
    { kind: "separator" },
    { kind: "item", label: text.delete, danger: true, onSelect: onDelete },
  ];
  const times = [
    text.since(dateOf(since)),
    ...(lastUsedAt === null ? [] : [text.lastUsed(timeOf(lastUsedAt))]),
  ];
  return (
    <li className={styles.row}>
      <div className={styles.words}>
        <span dir="auto">{name}</span>
        <small>{[...(login !== null && login !== name ? [login] : []), ...times].join(" · ")}</small>
      </div>
      <div className={styles.side}>
        {disabledAt !== null && <span className={styles.mark}>{text.disabled}</span>}
        <span>{text.roles[role]}</span>
        {mayDecide && (
          <Menu
            label={text.actionsFor(name)}
            entries={entries}
            trigger={
              <IconButton label={text.actionsFor(name)}>
                <Ellipsis size={18} />
              </IconButton>
            }
          />
        )}
      </div>
    </li>
  );
}
