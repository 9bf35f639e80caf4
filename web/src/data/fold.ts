/** Text as it is compared in a search: without case and accents, and in one form however it was typed. */
export function fold(text: string): string {
  // Most text has nothing to take apart, which costs far more than the look.
  const plain = /^[\0-\x7f]*$/.test(text) ? text : text.normalize('NFKD').replace(/\p{M}/gu, '');
  return plain.toLowerCase();
}
