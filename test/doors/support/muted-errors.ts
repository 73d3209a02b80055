import { beforeEach, vi } from "vitest";

/** Keeps the errors that frameworks print, when they answer one by themselves, out of the tests' output. */
export function muteErrors(): void {
  beforeEach(() => {
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    return () => error.mockRestore();
  });
}
