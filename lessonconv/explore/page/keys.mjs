// Which keys are the explorer's, and which Jupyter's.

/** Whether a key is Jupyter's, even in an explorer: to save, to run the cell, to leave it. */
const isJupyters = (event) => event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape" || (event.key === "Enter" && event.shiftKey);

/** Keep all other keys: "d d" would delete the learner's cell, and Notebook 7 takes the arrows from a slider.
 *
 * Jupyter listens on the document, on the way down or up; the attribute is what it asks for on the way down.
 */
export function keepKeys(root) {
  const down = (event) => root.contains(event.target) && event.target.toggleAttribute("data-lm-suppress-shortcuts", !isJupyters(event));
  window.addEventListener("keydown", down, true);
  root.addEventListener("keydown", (event) => isJupyters(event) || event.stopPropagation());
  return () => window.removeEventListener("keydown", down, true);
}
