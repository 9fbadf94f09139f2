/**
 * The room that a page's content will have, in px, known before anything is drawn.
 *
 * To measure it first would lay the whole page out once more than it is drawn. What is drawn then is measured: where these
 * numbers are wrong, the page is only slower.
 */

/** The title bar, a page's heading and its filters, and the line around the page. */
const ABOVE = 133;
/** The sidebar and that line. */
const BESIDE = { open: 225, narrow: 57 };

interface Room {
  width: number;
  height: number;
}

export function expectedRoom(narrow: boolean, window: Room): Room {
  return { width: window.width - (narrow ? BESIDE.narrow : BESIDE.open), height: window.height - ABOVE };
}
