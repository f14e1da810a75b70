import { createContext } from "react";

/** Is this made for the printer? Paper is light, whatever the page is. */
export const OnPaper = createContext(false);
