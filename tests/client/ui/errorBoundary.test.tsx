/** [G14] A part of the page that has failed. */
import { act, useState } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";
import { ErrorBoundary, ResetContext } from "../../../src/ui/ErrorBoundary.tsx";
import "../support/browser.ts";
