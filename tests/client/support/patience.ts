/** Import it where `waitFor` is used: a second, which it waits by itself, is not much on a busy machine. */
import { configure } from "@testing-library/react";

configure({ asyncUtilTimeout: 15_000 });
