const known: Record<string, boolean> = {};

/** Whether this device knows the zone. Asked when a time is first written: it takes WebKit 7 ms, which no first screen waits for. */
function isKnown(name: string): boolean {
  return (known[name] ??= isUsable(name));
}

function isUsable(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The zone that times are shown in: the workspace's own, else the device's. */
class Zone {
  #name = $state<string | undefined>(undefined);

  /** The zone's IANA name; none where this device does not know it. */
  get current(): string | undefined {
    return this.#name !== undefined && isKnown(this.#name) ? this.#name : undefined;
  }

  /** Takes a zone by its IANA name. */
  set(name: string): void {
    this.#name = name;
  }
}

export const zone = new Zone();
