// Browser side of the cart: storage, totals and a debounced save.

const STORAGE_KEY = "shop.cart";

/** Read the cart kept in the browser; a damaged entry counts as empty. */
export function loadCart(storage) {
  try {
    const lines = JSON.parse(storage.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(lines) ? lines : [];
  } catch {
    return [];
  }
}

export function saveCart(storage, lines) {
  storage.setItem(STORAGE_KEY, JSON.stringify(lines));
}

/** Return a new list in which the line for `sku` has the given quantity. */
export function setQuantity(lines, sku, quantity) {
  if (quantity <= 0) {
    return lines.filter((line) => line.sku !== sku);
  }
  return lines.map((line) => (line.sku === sku ? { ...line, quantity } : line));
}

export function totalCents(lines) {
  return lines.reduce((sum, line) => sum + line.priceCents * line.quantity, 0);
}

/** Show an amount in cents the way the visitor's locale writes money. */
export function formatPrice(cents, currency = "EUR", locale = "en") {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(cents / 100);
}

/** Wait for a pause in calls before running `action` with the last arguments. */
export function debounce(action, waitMs = 300) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...args), waitMs);
  };
}
