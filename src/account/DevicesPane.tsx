import { useMutation } from "convex/react";
import { api } from "../../convex/_generated/api";
import { reportFailure } from "../app/failures.ts";
import { pageLocale } from "../lib/pageLocale.ts";
import { useViewerQuery } from "../session/session.ts";
import { Button } from "../ui/Button.tsx";
import styles from "./Account.module.css";
import { useAccountText } from "./texts.ts";
import { deviceName } from "./deviceName.ts";

/** Where one is signed in, and signing out there: at once. */
export function DevicesPane() {
  const text = useAccountText();
  const devices = useViewerQuery(api.accounts.devices, {});
  const signOutDevice = useMutation(api.accounts.signOutDevice);
  const signOutOthers = useMutation(api.accounts.signOutOthers);
  if (devices === undefined || devices.length === 0) return null;
  const when = new Intl.DateTimeFormat(pageLocale(), { dateStyle: "medium", timeStyle: "short" });
  return (
    <section className={styles.pane} aria-label={text.devices}>
      <h3 className={styles.head}>{text.devices}</h3>
      <ul className={styles.list}>
        {devices.map((device) => {
          const name = deviceName(device.userAgent) ?? text.unknownDevice;
          const used = text.lastUsed(when.format(device.lastUsedAt));
          return (
            <li key={device._id} className={styles.device}>
              <span>
                {name}
                <small>{device.isThis ? text.thisDevice : used}</small>
              </span>
              {!device.isThis && (
                <Button
                  // Two of a kind have the same name.
                  aria-label={`${text.signOutOf(name)} · ${used}`}
                  onClick={() => void signOutDevice({ deviceId: device._id }).catch(reportFailure)}
                >
                  {text.signOut}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {devices.length > 1 && (
        <div className={styles.buttons}>
          <Button onClick={() => void signOutOthers().catch(reportFailure)}>{text.signOutOthers}</Button>
        </div>
      )}
    </section>
  );
}
