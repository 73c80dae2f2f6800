// The scripts' words, in the language of the page: base.html carries them as JSON.

const given = document.getElementById("script-words");
export const words = given ? JSON.parse(given.textContent) : {};

/** A sentence with {name} and the like filled in. */
export const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
