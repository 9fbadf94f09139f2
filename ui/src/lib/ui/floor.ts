/**
 * Where popovers, menus, lists and tips are put: into the main part of the page, since who goes through a page by its parts finds
 * nothing that stands beside all of them. All of them, so that the one that came last lies above the one that it came from. Where
 * there is no main part, into the page.
 */
export function floor(): Element {
  return document.querySelector('main') ?? document.body;
}
