// Handheld side of picking: the list of a tour, and what was scanned.

const KEY = "warehouse.tour";

export function loadTour(storage) {
  try {
    const stops = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(stops) ? stops : [];
  } catch {
    return [];
  }
}

/** Return a new list in which the stop at `shelf` has the given quantity left. */
export function setLeft(stops, shelf, left) {
  if (left <= 0) {
    return stops.filter((stop) => stop.shelf !== shelf);
  }
  return stops.map((stop) => (stop.shelf === shelf ? { ...stop, left } : stop));
}
