import { lazy, Suspense } from "react";
import { useOverlay } from "./overlays.ts";

const Palette = lazy(async () => ({ default: (await import("../palette/Palette.tsx")).Palette }));
const SettingsSheet = lazy(async () => ({
  default: (await import("../settings/SettingsSheet.tsx")).SettingsSheet,
}));
const ShortcutsSheet = lazy(async () => ({
  default: (await import("../settings/ShortcutsSheet.tsx")).ShortcutsSheet,
}));

/** What lies over the page: loaded when it is first opened. */
export function Overlays() {
  const overlay = useOverlay();
  return (
    <Suspense fallback={null}>
      {overlay === "palette" && <Palette />}
      {overlay === "settings" && <SettingsSheet />}
      {overlay === "shortcuts" && <ShortcutsSheet />}
    </Suspense>
  );
}
