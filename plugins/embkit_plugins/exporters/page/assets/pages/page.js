// The way in: decode the data, and show the page it is for.

import { unpack } from "../state/data.js";
import { h } from "../state/dom.js";

/** Show a block of data in an element as a page of the given class. */
export async function open(Page, root, block) {
  try {
    const { document, arrays } = await unpack(block);
    const page = new Page(root, document, arrays);
    root.page = page; // for whoever embeds the page, and for tests
    root.dataset.ready = String(Math.round(performance.now()));
    return page;
  } catch (error) {
    root.replaceChildren(h("p", { class: "failure", role: "alert" },
      `This page could not be drawn: ${error.message}. It needs a browser of 2023 or later.`));
    throw error;
  }
}
