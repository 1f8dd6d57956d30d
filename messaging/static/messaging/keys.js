// Keys that belong to an input method: Enter that takes a Chinese word, Escape that drops it. Safari says so only by the
// old number, because there the word is taken before its key is told.
export const choosesWord = (event) => event.isComposing || event.keyCode === 229;
