// Elements, made in one call.

/** An HTML element with properties and children; text is set as text. */
export function html(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** An SVG element with attributes. */
export function svg(name, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  return made;
}

/** Write text where it differs: the same text again would have the page laid out and painted again. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Set attributes where they differ. */
export function put(node, attributes) {
  for (const name in attributes) if (node.getAttribute(name) !== String(attributes[name])) node.setAttribute(name, attributes[name]);
}
