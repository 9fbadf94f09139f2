/** What lies over the page: loaded when it is first wanted. */
export type Overlay = 'palette' | 'keys';

class Overlays {
  open = $state<Overlay | null>(null);
  loaded = $state<Record<Overlay, boolean>>({ palette: false, keys: false });

  show(overlay: Overlay): void {
    this.loaded[overlay] = true;
    this.open = overlay;
  }

  set(overlay: Overlay, open: boolean): void {
    if (open) this.show(overlay);
    else if (this.open === overlay) this.open = null;
  }
}

export const overlays = new Overlays();
