/** Whether the third pane is open. `Ctrl I` turns it; selecting a record opens it. */
class Inspector {
  open = $state(true);

  toggle(): void {
    this.open = !this.open;
  }
}

export const inspector = new Inspector();
