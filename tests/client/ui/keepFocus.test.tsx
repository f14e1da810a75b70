import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, describe, expect, test } from "vitest";
import { keepFocus } from "../../../src/ui/keepFocus.ts";

afterEach(cleanup);

/** Tokens that are made and revoked, as in the settings. */
function Pane() {
  const [names, setNames] = useState(["First", "Second"]);
  const [isOpen, setOpen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <input aria-label="Elsewhere" />
      <section ref={keepFocus}>
        <ul>
          {names.map((name) => (
            <li key={name}>
              <button onClick={() => setNames(names.filter((other) => other !== name))}>Revoke {name}</button>
            </li>
          ))}
        </ul>
        {isOpen ? (
          <form>
            <input aria-label="Name" />
            <button type="button" onClick={() => setOpen(false)}>
              Cancel
            </button>
          </form>
        ) : (
          <button onClick={() => setOpen(true)}>Make a token</button>
        )}
        {isAsking ? (
          <form>
            <button type="button">No</button>
            <button type="submit">Yes</button>
          </form>
        ) : (
          <button onClick={() => setAsking(true)}>Invite</button>
        )}
        {isOpen ? null : (
          <div>
            <button>Another</button>
            <button onClick={() => setOpen(true)}>Make a second</button>
          </div>
        )}
        <button disabled={isBusy} onClick={() => setBusy(true)}>
          Save
        </button>
      </section>
      <button onClick={() => setBusy(false)}>Saved</button>
      <button onClick={() => setNames([])}>Revoked elsewhere</button>
    </>
  );
}

/** As the keyboard does: the focus is on the button that is pressed. */
async function press(name: string) {
  const button = screen.getByRole("button", { name });
  button.focus();
  fireEvent.click(button);
  // The observer comes after what changed.
  await act(() => Promise.resolve());
}
/** As a browser and a script do. */
const click = (name: string) =>
  act(() => Promise.resolve(fireEvent.click(screen.getByRole("button", { name }))));
const focused = () =>
  document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent;

describe("the focus of a part whose controls give way to others", () => {
  test("goes to what came in their place, and back", async () => {
    render(<Pane />);
    await press("Make a token");
    expect(focused()).toBe("Name");
    await press("Cancel");
    expect(focused()).toBe("Make a token");
  });

  test("goes back to what opened a form, wherever it stands among the others", async () => {
    render(<Pane />);
    await press("Make a second");
    expect(focused()).toBe("Name");
    await press("Cancel");
    expect(focused()).toBe("Make a second");
  });

  test("goes to what is beside a row that is gone", async () => {
    render(<Pane />);
    await press("Revoke First");
    expect(focused()).toBe("Revoke Second");
    await press("Revoke Second");
    expect(focused()).toBe("Make a token");
  });

  test("goes to what sends a form that has nothing to fill in", async () => {
    render(<Pane />);
    await press("Invite");
    expect(focused()).toBe("Yes");
  });

  test("goes around a part that has nothing left", async () => {
    const { rerender } = render(
      <section tabIndex={0} aria-label="Around">
        <div ref={keepFocus}>
          <button>The only one</button>
        </div>
      </section>,
    );
    screen.getByRole("button").focus();
    rerender(
      <section tabIndex={0} aria-label="Around">
        <div ref={keepFocus}>Nothing</div>
      </section>,
    );
    await act(() => Promise.resolve());
    expect(focused()).toBe("Around");
  });

  test("comes back to a control that was off for a moment", async () => {
    render(<Pane />);
    await press("Save");
    // Browsers take it from what is off; jsdom does not.
    (document.activeElement as HTMLElement).blur();
    await click("Saved");
    expect(focused()).toBe("Save");
  });

  test("stays where somebody has gone meanwhile", async () => {
    render(<Pane />);
    screen.getByRole("button", { name: "Revoke First" }).focus();
    screen.getByRole("textbox", { name: "Elsewhere" }).focus();
    await click("Revoked elsewhere");
    expect(focused()).toBe("Elsewhere");
  });
});
