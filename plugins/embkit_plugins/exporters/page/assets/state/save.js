// What leaves the page: files made here, and the clipboard.

import { h, save } from "./dom.js";

/** A cell of CSV; text that a spreadsheet would run as a formula is quoted (OWASP: CSV injection). */
export function csvCell(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function saveCsv(name, head, lines) {
  const text = [head, ...lines].map((line) => line.map(csvCell).join(",")).join("\r\n");
  save(name, "text/csv", `\ufeff${text}\r\n`);
}

export function saveJson(name, head, lines) {
  const records = lines.map((line) => Object.fromEntries(head.map((key, i) => [key, Number.isNaN(line[i]) ? null : line[i]])));
  save(name, "application/json", `${JSON.stringify(records, null, 1)}\n`);
}

/** Copy text; by hand where the page may not use the clipboard. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { "aria-hidden": "true", class: "hidden-copy" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
