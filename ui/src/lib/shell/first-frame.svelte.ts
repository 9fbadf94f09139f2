/**
 * The window's first frame: what the screen is for, with its data. What stands around it is made in the next one.
 *
 * A script that runs for the first time runs slowly: the title bar, the sidebar and the filters together take as long as
 * the map. In this order the map is on screen, and can be worked on, some thirty milliseconds earlier.
 */
class FirstFrame {
  /** Whether it is on screen. Never false again. */
  drawn = $state(false);
}

export const firstFrame = new FirstFrame();

/** Ends once what the page holds now was drawn: the callbacks of a frame run before it is, so this is the next one's. */
export async function frameDrawn(): Promise<void> {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame();
  await frame();
}
