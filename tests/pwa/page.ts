// What the app asks of its page before anything is shown. Must be imported before the app is.
Object.defineProperty(globalThis, "document", { value: { getElementById: () => null, documentElement: {} }, configurable: true });
