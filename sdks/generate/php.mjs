export function php() {
  return [];
}
