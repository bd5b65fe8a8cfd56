"""A function in several languages, and clones of each type of it."""

from __future__ import annotations

PYTHON = '''
def open_invoices(invoices, today, limit=30):
    """Invoices that are late, and what they add up to."""
    late = []
    total = 0
    for invoice in invoices:
        if invoice.paid:
            continue
        age = (today - invoice.sent).days
        if age > limit:
            late.append(invoice)
            total += invoice.amount
    late.sort(key=lambda invoice: invoice.sent)
    return late, total
'''
PYTHON_LAID_OUT = """
def open_invoices(
        invoices,
        today,
        limit=30,
):
  late = []
  total = 0  # in cents
  # the newest come last
  for invoice in invoices:
    if invoice.paid: continue
    age = (today
           - invoice.sent).days

    if age > limit:
      late.append(invoice); total += invoice.amount
  late.sort(key=lambda invoice: invoice.sent,)
  return late, total
"""
PYTHON_RENAMED = '''
def stale_loans(loans, date, term=21):
    """Loans that were not brought back."""
    stale = []
    fee = 1
    for loan in loans:
        if loan.paid:
            continue
        age = (date - loan.sent).days
        if age > term:
            stale.append(loan)
            fee += loan.amount
    stale.sort(key=lambda loan: loan.sent)
    return stale, fee
'''
PYTHON_MIXED_UP = PYTHON.replace("total += invoice.amount", "limit += invoice.amount")
PYTHON_EDITED = '''
def open_invoices(invoices, today, limit=30):
    """Invoices that are late, and what they add up to."""
    total = 0
    late = []
    log.debug("looking through %d invoices", len(invoices))
    for invoice in invoices:
        age = (today - invoice.sent).days
        if age > limit:
            late.append(invoice)
            total += invoice.amount * invoice.rate
    late.sort(key=lambda invoice: invoice.sent)
    return late, total
'''
PYTHON_LOGGED = PYTHON.replace(
    "    total = 0\n", '    total = 0\n    log.debug("looking through %d", len(invoices))\n'
).replace("invoice.amount", "round(invoice.amount)")
PYTHON_OTHER = '''
def save_thumbnail(image, folder, size=(120, 120)):
    """A small picture beside the large one."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{image.stem}.webp"
    with open_picture(image) as picture:
        if picture.mode != "RGB":
            picture = picture.convert("RGB")
        picture.thumbnail(size)
        picture.save(target, "WEBP", quality=80)
    return target
'''

JAVA = """
class Ledger {
    List<Entry> late(List<Entry> entries, long now, int limit) {
        List<Entry> late = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.isPaid()) {
                continue;
            }
            long age = (now - entry.getSent()) / 86400;
            if (age > limit) {
                late.add(entry);
            }
        }
        return late;
    }
}
"""
GO = """
package ledger

func Late(entries []Entry, now int64, limit int64) []Entry {
	late := []Entry{}
	for _, entry := range entries {
		if entry.Paid {
			continue
		}
		age := (now - entry.Sent) / 86400
		if age > limit {
			late = append(late, entry)
		}
	}
	return late
}
"""
TYPESCRIPT = """
export function late(entries: Entry[], now: number, limit = 30): Entry[] {
  const found: Entry[] = [];
  for (const entry of entries) {
    if (entry.paid) {
      continue;
    }
    const age = Math.floor((now - entry.sent) / 86400);
    if (age > limit) {
      found.push(entry);
    }
  }
  return found;
}
"""
