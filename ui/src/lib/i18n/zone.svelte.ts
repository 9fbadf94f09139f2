/** The time zone that times are shown in: the workspace's own, else the device's. */
class Zone {
  current = $state<string | undefined>(undefined);

  /** Takes a zone by its IANA name; one that this device does not know is left out. */
  set(name: string): void {
    try {
      new Intl.DateTimeFormat('en', { timeZone: name });
      this.current = name;
    } catch {
      this.current = undefined;
    }
  }
}

export const zone = new Zone();
